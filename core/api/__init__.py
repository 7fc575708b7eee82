"""The REST conventions, once for all resources: a resource is a table of facts (`resources.Resource`), never code."""
