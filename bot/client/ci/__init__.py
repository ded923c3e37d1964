"""What the CI says of the run that we are in; one file a system."""
