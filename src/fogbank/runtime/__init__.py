"""How things run: settings, embedded servers, database pool, HTTP app, auth checks, telemetry, supervisor."""
