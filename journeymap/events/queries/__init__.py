"""Every query of the library, one file a subject, one function a question."""
