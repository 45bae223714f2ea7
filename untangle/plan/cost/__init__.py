"""What a workflow costs beside the channels of today, and which type of machine is the cheaper one that will do."""
