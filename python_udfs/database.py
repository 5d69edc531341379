"""Open the database file, encrypted or not.

DuckDB encrypts a file when it is attached with a key (AES-256 in GCM mode, its write-ahead log included). The key comes from the
environment alone: it stands in no profile, no command line and no message.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import duckdb

# dbt blanks the values of variables with this prefix wherever it writes.
KEY_VARIABLE = "DBT_ENV_SECRET_KINDRED_KEY"
KEY_MINIMUM = 16
BUILTIN_VARIABLE = "KINDRED_BUILTIN_CRYPTOGRAPHY"
INSTALL = "install httpfs"
TARGET_VARIABLE = "KINDRED_TARGET"
ENCRYPTED_TARGET = "encrypted"
BUILTIN_WARNING = (
    f"{BUILTIN_VARIABLE}=1: without the extension httpfs the database is encrypted with DuckDB's own cryptography, whose random "
    "numbers are weak. That is for trials, not for the data of real people."
)
# Views name the database they were made in, so an encrypted file has one name wherever it is attached (`profiles.yml` says it, too).
CATALOG = "kindred"
# A DuckDB file begins with a checksum (8 bytes), its mark (4), its version (8) and flags (8); the lowest flag says encrypted.
_MARK = slice(8, 12)
_FLAGS = 20


class EncryptionError(RuntimeError):
    """An encrypted file that cannot be opened or written; the message says why and what to do, and never holds the key."""


def is_encrypted(path: Path) -> bool:
    """Whether a file is an encrypted DuckDB database; a file that is not there or is none is not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_FLAGS + 1)
    return len(head) > _FLAGS and head[_MARK] == b"DUCK" and bool(head[_FLAGS] & 1)


def wants_encryption() -> bool:
    """Whether the build's target is the encrypted one (`make ... TARGET=encrypted`)."""
    return os.environ.get(TARGET_VARIABLE, "") == ENCRYPTED_TARGET


def encryption_key() -> str:
    """The key of the environment.

    Raises:
        EncryptionError: there is none, it is shorter than 16 characters, or DuckDB cannot take it.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise EncryptionError(
            f"{KEY_VARIABLE} is not set. It is the key of the encrypted database: set it to a secret of your own, the same in every "
            "run, for example from `openssl rand -hex 32`. Without it nobody can read the file, you included."
        )
    if len(key) < KEY_MINIMUM:
        raise EncryptionError(f"{KEY_VARIABLE} has {len(key)} characters; give at least {KEY_MINIMUM}.")
    if not key.isascii() or not key.isprintable() or "\\" in key:
        raise EncryptionError(
            f"{KEY_VARIABLE} has characters that DuckDB cannot take: use printable ASCII without backslashes."
        )
    return key


def accepts_builtin() -> bool:
    """Whether DuckDB's own cryptography will do where the extension is not installed."""
    return os.environ.get(BUILTIN_VARIABLE, "") == "1"


def load_cryptography(connection: duckdb.DuckDBPyConnection) -> None:
    """Load what DuckDB needs to write encrypted files: OpenSSL, which its extension httpfs brings.

    The cryptography inside DuckDB reads such files, but draws the nonces it writes with from weak random numbers, so it is used only
    where KINDRED_BUILTIN_CRYPTOGRAPHY=1 accepts that.

    Raises:
        EncryptionError: the extension is not installed and cannot be fetched.
    """
    with suppress(duckdb.Error):
        connection.execute("load httpfs")
        return
    if accepts_builtin():
        connection.execute("set force_mbedtls_unsafe = true")
        return
    try:
        connection.execute(INSTALL)
        connection.execute("load httpfs")
    except duckdb.Error:
        raise EncryptionError(
            "DuckDB writes encrypted files with its extension httpfs, which is not installed and cannot be fetched from here. Install it "
            "once where there is a network: .venv/bin/python -c \"import duckdb; duckdb.execute('install httpfs')\". Or set "
            f"{BUILTIN_VARIABLE}=1 to use DuckDB's own cryptography: its random numbers are weak, so use that for trials only."
        ) from None


def check_encryption(connection: duckdb.DuckDBPyConnection) -> None:
    """See that an encrypted file could be made.

    Raises:
        EncryptionError: key or cryptography are missing.
    """
    encryption_key()
    load_cryptography(connection)


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, read_only: bool = False) -> None:
    """Attach an encrypted database file, or make it.

    Raises:
        EncryptionError: key or cryptography are missing, the key is another one, or the file is not encrypted.
        duckdb.IOException: another program holds the file.
    """
    if path.is_file() and not is_encrypted(path):
        raise EncryptionError(
            f"{path} is not encrypted, and an existing file cannot be. Remove it or set KINDRED_DATABASE to another file, and build."
        )
    options = [f"encryption_key '{_escaped(encryption_key())}'", *(["read_only"] if read_only else [])]
    if not read_only:
        load_cryptography(connection)
    try:
        connection.execute(f"attach '{_escaped(str(path))}' as {_quoted(name)} ({', '.join(options)})")
    except duckdb.IOException:
        raise
    except duckdb.Error as problem:
        if "Wrong encryption key" in str(problem):
            raise EncryptionError(f"{path}: {KEY_VARIABLE} is not the key that it was encrypted with.") from None
        # A message may repeat the statement, and with it the key.
        reason = str(problem).replace(options[0], "encryption_key ***").replace(encryption_key(), "***")
        raise EncryptionError(f"{path}: cannot be opened as an encrypted database ({reason}).") from None


def attach_any(connection: duckdb.DuckDBPyConnection, path: Path, name: str, read_only: bool = False) -> None:
    """Attach an existing database file, encrypted or not, as `name`; errors as of `attach`."""
    if is_encrypted(path):
        attach(connection, path, name, read_only)
    else:
        connection.execute(f"attach '{_escaped(str(path))}' as {_quoted(name)}{' (read_only)' if read_only else ''}")


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a database file; an encrypted one is opened with the key of the environment.

    Raises:
        EncryptionError: the file is encrypted and cannot be opened with what the environment gives.
        duckdb.Error: the file cannot be opened.
    """
    if not is_encrypted(path):
        return duckdb.connect(str(path), read_only=read_only)
    connection = workspace(path)
    try:
        attach(connection, path, CATALOG, read_only)
        connection.execute(f"use {CATALOG}")
    except BaseException:
        connection.close()
        raise
    return connection


def workspace(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection in memory that spills beside a database file, encrypted if that is."""
    encrypted = "true" if is_encrypted(path) else "false"
    return duckdb.connect(config={"temp_file_encryption": encrypted, "temp_directory": f"{path}.tmp"})


def catalog_of(path: Path) -> str:
    """The name under which the views of a database file look for its tables."""
    return CATALOG if is_encrypted(path) else path.stem


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
