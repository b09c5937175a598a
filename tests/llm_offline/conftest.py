"""The real MariaDB, for the statements that the model writes for it."""

from tests.support.mariadb import mariadb

__all__ = ["mariadb"]
