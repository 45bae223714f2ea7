"""`python -m untangle`."""

from untangle.cli import main

if __name__ == "__main__":
    main()
