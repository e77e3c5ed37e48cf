"""The HTTP app that every process serves: problems, callers, ids, logs, figures, health, docs, tasks."""
