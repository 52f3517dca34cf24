-- One run of the path over one repository at one base. `key` is equal for runs that would do the same work: an unfinished one is resumed.
CREATE TABLE session (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL,
    repository  TEXT    NOT NULL,
    base        TEXT    NOT NULL,
    started_at  TEXT    NOT NULL,
    finished_at TEXT,
    summary     TEXT
);
CREATE INDEX session_by_key ON session (key, id);
CREATE INDEX session_by_repository ON session (repository, id);

-- The row is the truth; `event` is how it came about. `number` is what a person types.
CREATE TABLE case_ (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT    NOT NULL,
    session  INTEGER NOT NULL REFERENCES session (id),
    version  INTEGER NOT NULL,
    status   TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    findings TEXT    NOT NULL,
    UNIQUE (session, id)
);
CREATE TABLE event (
    session INTEGER NOT NULL,
    case_id TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    at      TEXT    NOT NULL,
    PRIMARY KEY (session, case_id, version)
);
CREATE TABLE attempt (
    session INTEGER NOT NULL,
    case_id TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    status  TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (session, case_id, number)
);
CREATE TABLE evidence (
    session INTEGER NOT NULL,
    case_id TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    gate    TEXT    NOT NULL,
    verdict TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (session, case_id, number)
);

-- What a recipe gave on a tree: a resumed session does not run it again.
CREATE TABLE run (
    session INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (session, key)
);

-- Named before it happens; looked up at the target before it is repeated.
CREATE TABLE delivery (
    session INTEGER NOT NULL,
    branch  TEXT    NOT NULL,
    tip     TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    done_at TEXT,
    PRIMARY KEY (session, branch)
);
