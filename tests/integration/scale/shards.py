"""Two shards in one engine."""


def in_one_engine(sql):
    return [sql]
