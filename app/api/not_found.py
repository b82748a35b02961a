"""What a 404 or a 410 says: where what was asked for is instead."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.types import Scope

from app.api.problems import Kind, ProblemError
from app.folding import nearest
from app.path_prefix import prefix_of
from app.queries.entries import COMPARED_IDS, LONGEST_NAME, read_ids
from app.queries.lookup import read_words
from app.queries.meanings import find_meanings
from app.queries.refusals import Bilingual, Fault, did_you_mean, join_sentences, list_words, shorten
from app.store.snapshot import Reader
from app.store.tables import Entry, Language

# At most this many ids or paths are named.
NAMED = 5
# An id with slashes is looked up in parts, at most this many.
PARTS = 10


def missing_path(scope: Scope, paths: Sequence[str]) -> ProblemError:
    """Make the 404 for a path that no route has; `paths` are those that exist, ``/hypervisors/{id}`` among them."""
    path, prefix = scope["path"], prefix_of(scope)
    quoted = shorten(path)
    near = suggest_path(path.removeprefix(prefix).rstrip("/"), paths)
    hint = did_you_mean([prefix + near] if near else []) or Bilingual(
        f"The API's paths are listed at {prefix}/docs.", f"API 的全部路径见 {prefix}/docs。"
    )
    detail = Bilingual(f"There is nothing at {quoted.en}.", f"路径{quoted.zh}不存在。")
    return ProblemError(Kind.NOT_FOUND, join_sentences(detail, hint))


def suggest_path(path: str, paths: Sequence[str]) -> str | None:
    """Find the path of which another one is a misspelling; None if there is none."""
    # Every path answers with JSON, where it can, without saying so.
    path = path.removesuffix(".json")
    if path in paths:
        return path
    first, slash, rest = path[1:].partition("/")
    near = nearest(f"/{first}", [known for known in paths if "{" not in known], 1)
    if near and rest and near[0] != f"/{first}":
        return near[0] + slash + rest if f"{near[0]}/{{id}}" in paths else None
    return near[0] if near else None


def removed_entry(removal: Mapping[str, Any], prefix: str) -> ProblemError:
    """Make the 410 for an entry that a release has removed; a path prefix precedes the paths that it names."""
    quoted = shorten(removal["id"])
    detail = Bilingual(
        f"{quoted.en} was removed from {removal['resource']} by {removal['pack']} {removal['version']}.",
        f"{removal['pack']} {removal['version']} 已从 {removal['resource']} 中删除{quoted.zh}。",
    )
    successors = [prefix + other["url"] for other in removal["replaced_by"]]
    paths = list_words(successors)
    hint = Bilingual(f"Use {paths.en} instead.", f"请改用 {paths.zh}。") if successors else None
    headers = {"Link": ", ".join(f'<{path}>; rel="successor-version"' for path in successors)} if successors else None
    return ProblemError(Kind.GONE, join_sentences(detail, hint), headers=headers)


def missing_entry(reader: Reader, table: type[Entry], id: str, prefix: str) -> ProblemError:
    """Make the 404 for an id that no entry of a collection has; a path prefix precedes the paths that it names."""
    quoted = shorten(id)
    detail = Bilingual(f"There is no {quoted.en} in {table.resource}.", f"{table.resource} 中没有{quoted.zh}。")
    hint, allowed = find_instead(reader, table, id, prefix)
    return ProblemError(Kind.NOT_FOUND, join_sentences(detail, hint), [Fault("id", detail, hint, allowed)])


def find_instead(reader: Reader, table: type[Entry], id: str, prefix: str) -> tuple[Bilingual, Sequence[str]]:
    """Say where to find what an id means, and which ids of the collection that gives."""
    parts = [part for part in id.split("/", PARTS) if part][:PARTS]
    if found := look_up(reader, table, [id], prefix):
        return found
    if near := nearest(id, read_ids(reader, table, COMPARED_IDS), NAMED):
        ids = list_words(near)
        return Bilingual(f"The nearest ids: {ids.en}", f"最接近的 id：{ids.zh}"), near
    if len(parts) > 1 and (found := look_up(reader, table, parts, prefix)):
        return found
    return Bilingual(f"{prefix}/{table.resource} lists the ids.", f"全部 id 见 {prefix}/{table.resource}。"), []


def look_up(
    reader: Reader, table: type[Entry], values: Sequence[str], prefix: str
) -> tuple[Bilingual, Sequence[str]] | None:
    """Say what a look-up of some values finds, and which ids of a collection; None if it finds nothing."""
    values = [value for value in values if len(value) <= LONGEST_NAME]
    results = find_meanings(read_words(reader, Language.EN), values) if values else []
    items = {item["url"]: item for result in results for item in result["items"]}
    if not items:
        return None
    url = f"{prefix}/lookup?{urlencode({'value': values}, doseq=True, quote_via=quote)}"
    paths = list_words([prefix + path for path in items][:NAMED] + ["…"] * (len(items) > NAMED))
    hint = Bilingual(f"{url} finds {paths.en}.", f"{url} 可查到 {paths.zh}。")
    return hint, [item["id"] for item in items.values() if item["resource"] == table.resource][:NAMED]
