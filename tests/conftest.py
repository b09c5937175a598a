"""Fixtures for every room: one MariaDB for the whole run."""

from tests.support.mariadb import mariadb

__all__ = ["mariadb"]
