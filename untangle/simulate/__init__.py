"""Running a workflow locally: nothing here yet but the floor it will stand on."""
