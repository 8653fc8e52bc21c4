"""The face for customers' programs: API v2 at `/api/v2`, over the same verbs as the pages."""
