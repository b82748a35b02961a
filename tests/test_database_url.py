"""The promise that no part of a database URL that can be a password is shown to anybody."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.database_url import check_database_url, describe_database, parse_database_url
from app.settings import Settings

# The places where a password stands, or gets by mistake.
FORMS = [
    "postgresql://u:{}@host/x",
    "postgresql://:{}@host/x",
    "postgresql://u%3A{}@host/x",
    "postgresql://u:{}@pw@host/x",
    "postgresql://u:pw@{}@host/x",
    "postgresql://u:pw:{}@host/x",
    "postgresql://u:{}/x",
    "postgresql://u:{}",
    "postgresql://u/pw:{}@host/x",
    "postgresql://u@host/x;password={}",
    "postgresql://u@host/x:{}",
    "postgresql://host/x?user=u&password={}",
    "postgresql://host/x?user=u&sslpassword={}",
    "postgresql://host/x?user=u&password=pw&{}=y",
    "postgresql://host/x?passwrod={}",
    "postgresql:///x?host=u:{}@host",
    "postgresql:///x?host=a&port={}",
    "postgresql:///x?host=a&host=b:1&port={}",
    "postgresql+psycopg2://u:{}@host/x",
    "mysql://u:{}@host/x",
    "sqlite://u:{}@host/x",
    "sqlite:///x.db?key={}",
    "u:{}@host/x",
    "postgresql//u:{}@host/x",
    "postgresql://u:{}@[::1/x",
    "postgresql://u:pw@host:99999/x?password={}",
]


def shown(url):
    """Everything that people are shown of a URL."""
    try:
        settings = Settings(database_url=url)
    except ValidationError as error:
        return str(error)
    return f"{describe_database(settings.url)} {settings!r}"


@hypothesis_settings(deadline=None)
@given(st.sampled_from(FORMS), st.text("abc1@:/?#&=% ;[]{}中", max_size=8), st.booleans())
@example("postgresql://u:{}@host/x", "@", False)  # noqa: FBT003 (a value like any other)
def test_no_part_of_a_password_is_shown(form, rest, encoded):
    # Two parts, in case the URL is divided between them. Without a host, nobody can see that one "@" is no separator.
    password = f"Zq7first{rest if '@host' in form else rest.replace('@', '')}Zq7second"

    assert "Zq7" not in shown(form.format(quote(password, safe="") if encoded else password))


URLS = [
    ("sqlite:///x.db", "sqlite:///x.db"),
    ("sqlite:////data/x.db", "sqlite:////data/x.db"),
    ("postgres://u:pw@host/x", "postgresql+psycopg://u:***@host/x"),
    ("postgresql://u:p%40%3A%2Fw@[::1]:5433/x", "postgresql+psycopg://u:***@[::1]:5433/x"),
    ("postgresql://u:pw@a,b/x?sslmode=require", "postgresql+psycopg://u:***@a,b/x"),
    ("postgresql://u:pw@/x?host=/run&port=5433", "postgresql+psycopg://u:***@/x?host=%2Frun&port=5433"),
    ("postgresql://u:pw@/x?host=::1&password=pw", "postgresql+psycopg://u:***@/x?host=%3A%3A1"),
]


@pytest.mark.parametrize(("url", "described"), URLS)
def test_a_url_that_can_be_used_is_shown_with_what_says_where_the_database_is(url, described):
    check_database_url(url)

    assert describe_database(parse_database_url(url)) == described


REFUSED = [
    ("postgresql://u:pw/x", "this is not a database URL"),
    ("postgresql://u:p@w@host/x", "%40 for @"),
    ("postgresql://u:123456/x", "the port is above 65535; if it is the password, the host is missing"),
    ("postgresql://host/x?password=a&b=c", "a parameter is not one of libpq's; in a password, write %26 for &"),
    ("postgresql:///x?host=a&port=b", "the parameters host and port do not fit together"),
    ("sqlite://host/x.db", "an SQLite database is a file, not a server"),
    ("sqlite:///x.db?mode=ro", "an SQLite URL takes no parameters"),
]


@pytest.mark.parametrize(("url", "sentence"), REFUSED)
def test_a_url_that_cannot_be_used_is_refused_with_what_to_write(url, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_database_url(url)
