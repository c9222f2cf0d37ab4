"""Reading and writing journeys: one file per format, chosen by the file's ending."""
