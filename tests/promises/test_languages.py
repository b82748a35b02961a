"""The promise that every refusal is in the language of the answer, and in no other."""

import ast
import re
from urllib.parse import unquote

import pytest

from app.api.problems import Kind
from app.main import create_app
from app.settings import PROJECT
from app.store.served import NothingServedError
from app.store.tables import Language
from tests.support.servers import client_of

CHINESE = re.compile("[\u4e00-\u9fff]")
CSV = ("CSV contains all matching entries and nothing else.", "CSV 只包含全部符合条件的条目。")
KINDS = {kind.status: kind.name.lower().replace("_", "-") for kind in Kind}
EITHER = {"limit": (1, 1000), "offset": (0, 10_000_000)}

# What is wrong with one parameter: the query, the parameter, the detail and the hint in each language, what is allowed.
FAULTS = [
    ("/hypervisors?typ=x", "typ", ("Unknown parameter.", "未知的参数。"), ("Did you mean 'type'?", "是否应为“type”？")),
    ("/taxonomy?nope=x", "nope", ("Unknown parameter.", "未知的参数。"), None),
    (
        "/hypervisors?type=baremetal",
        "type",
        ("'baremetal' is not a known value.", "“baremetal”不是已知的取值。"),
        ("Did you mean 'bare-metal'?", "是否应为“bare-metal”？"),
    ),
    (
        "/hypervisors?type=bare-metal,hosted",
        "type",
        ("'bare-metal,hosted' is not a known value.", "“bare-metal,hosted”不是已知的取值。"),
        (
            "To allow several, repeat the parameter: type=bare-metal&type=hosted",
            "如需多个取值，请重复该参数：type=bare-metal&type=hosted",
        ),
    ),
    (
        "/hypervisors?type=type-1",
        "type",
        ("'type-1' is not a known value.", "“type-1”不是已知的取值。"),
        ("Did you mean 'bare-metal'?", "是否应为“bare-metal”？"),
    ),
    (
        "/hypervisors?sort=name,id",
        "sort",
        ("'name,id' is not a known value.", "“name,id”不是已知的取值。"),
        ("Give one of these: sort=name, sort=id", "只能给出其中之一：sort=name、sort=id"),
    ),
    (
        f"/lookup?value=kvm&scheme={'x' * 70}",
        "scheme",
        (f"'{'x' * 60}…' is not a known value.", f"“{'x' * 60}…”不是已知的取值。"),
        None,
    ),
    *(
        (
            f"/hypervisors?{name}=-1",
            name,
            (
                f"'-1' is not a whole number from {least} to {most}.",
                f"“-1”不是 {least} 到 {most} 之间的整数。",
            ),
            None,
        )
        for name, (least, most) in EITHER.items()
    ),
    ("/lookup", "value", ("Missing, but required.", "缺少必需的参数。"), None),
    (
        "/hypervisors?q=",
        "q",
        ("Empty; give a value or leave the parameter out.", "取值为空，请给出取值或去掉该参数。"),
        None,
    ),
    (
        "/hypervisors?q=" + "x" * 201,
        "q",
        ("A value is longer than 200 characters.", "取值超过 200 个字符。"),
        None,
    ),
    (
        "/hypervisors?" + "vendor=x&" * 101,
        "vendor",
        ("Given more than 100 times.", "该参数最多给出 100 次。"),
        None,
    ),
    (
        "/hypervisors?limit=1&limit=2",
        "limit",
        ("Given more than once.", "该参数给出了多次。"),
        ("Give it once.", "请只给出一次。"),
    ),
    (
        "/search?q=%01",
        "q",
        ("Give one to ten words, without control characters.", "请给出一到十个词，且不含控制字符。"),
        None,
    ),
    (
        "/search?q=%FF",
        "q",
        ("Not valid UTF-8.", "不是有效的 UTF-8。"),
        ("Percent-encode the text as UTF-8.", "请按 UTF-8 对文本做百分号编码。"),
    ),
    ("/search?q=%00", "q", ("Contains a NUL character.", "包含 NUL 字符。"), ("Remove it.", "请删除该字符。")),
    (
        "/taxonomy?" + "x=&" * 101,
        "x",
        ("The request has 101 parameters; this path takes at most 100.", "请求有 101 个参数，该路径最多接受 100 个。"),
        ("Send fewer.", "请减少参数。"),
    ),
    (
        "/concepts?format=csv&facet=pack",
        "facet",
        CSV,
        ("Remove it, or use format=json.", "请去掉该参数，或改用 format=json。"),
    ),
]
SEPARATORS = [(": ", " "), ("：", "")]


@pytest.mark.parametrize(("url", "parameter", "details", "hints"), FAULTS, ids=[url[:40] for url, *_ in FAULTS])
def test_what_is_wrong_with_a_parameter_is_said_in_the_language_of_the_answer(client, url, parameter, details, hints):
    answers = [client.get(url, headers={"Accept-Language": lang}) for lang in Language]

    for lang, title, detail, hint, (colon, space), answer in zip(
        Language,
        ("Invalid parameter", "参数无效"),
        details,
        hints or (None, None),
        SEPARATORS,
        answers,
        strict=True,
    ):
        assert answer.headers["content-language"] == lang
        assert answer.json() == {
            "type": "/problems/invalid-parameter",
            "title": title,
            "status": 422,
            "detail": parameter + colon + detail + (space + hint if hint else ""),
            "instance": url.partition("?")[0],
            "errors": [
                {
                    "parameter": parameter,
                    "detail": detail,
                    "hint": hint,
                    "allowed": answers[0].json()["errors"][0]["allowed"],
                }
            ],
        }


# What is said of an id that does not exist.
MISSING = [
    ("nope", ("/hypervisors lists the ids.", "全部 id 见 /hypervisors。"), []),
    ("virtualbax", ("The nearest ids: virtualbox", "最接近的 id：virtualbox"), ["virtualbox"]),
    (
        "vmware",
        (
            "/lookup?value=vmware finds /hypervisors/vmware-esxi, /hypervisors/vmware-workstation.",
            "/lookup?value=vmware 可查到 /hypervisors/vmware-esxi、/hypervisors/vmware-workstation。",
        ),
        ["vmware-esxi", "vmware-workstation"],
    ),
]


@pytest.mark.parametrize(("id", "hints", "allowed"), MISSING)
def test_where_an_entry_is_instead_is_said_in_the_language_of_the_answer(client, id, hints, allowed):
    details = (f"There is no '{id}' in hypervisors.", f"hypervisors 中没有“{id}”。")
    for lang, title, detail, hint, space in zip(
        Language, ("Not found", "未找到"), details, hints, (" ", ""), strict=True
    ):
        answer = client.get(f"/hypervisors/{id}?lang={lang}")
        assert answer.headers["content-language"] == lang
        assert answer.json() == {
            "type": "/problems/not-found",
            "title": title,
            "status": 404,
            "detail": detail + space + hint,
            "instance": f"/hypervisors/{id}",
            "errors": [{"parameter": "id", "detail": detail, "hint": hint, "allowed": allowed}],
        }


# What is wrong with the rest of a request: its method, URL and headers, the status, the title and the detail.
PROBLEMS = [
    (
        ("GET", "/nope", {}),
        404,
        ("Not found", "未找到"),
        (
            "There is nothing at '/nope'. The API's paths are listed at /docs.",
            "路径“/nope”不存在。API 的全部路径见 /docs。",
        ),
    ),
    (
        ("GET", "/hypervisor", {}),
        404,
        ("Not found", "未找到"),
        (
            "There is nothing at '/hypervisor'. Did you mean '/hypervisors'?",
            "路径“/hypervisor”不存在。是否应为“/hypervisors”？",
        ),
    ),
    (
        ("GET", "/hypervisors/%00", {}),
        404,
        ("Not found", "未找到"),
        ("An id cannot contain a NUL character.", "id 不能包含 NUL 字符。"),
    ),
    (
        ("POST", "/hypervisors", {}),
        405,
        ("Method not allowed", "不允许的方法"),
        (
            "POST is not allowed: this API is read-only. Use GET.",
            "不允许 POST：本 API 只读。请使用 GET。",
        ),
    ),
    (
        ("GET", "/", {"Accept": "text/csv"}),
        406,
        ("Not acceptable", "没有可接受的格式"),
        (
            "The response is available as text/html, but Accept allows none of these.",
            "响应的格式有 text/html，而 Accept 均不接受。",
        ),
    ),
    (
        ("GET", "/hypervisors/kvm", {"If-Match": '"x"'}),
        412,
        ("Precondition failed", "前提条件不满足"),
        (
            "If-Match does not name the entity tag of the present answer.",
            "If-Match 不含当前响应的实体标签（ETag）。",
        ),
    ),
    (
        ("GET", "/hypervisors", {"Host": "a b"}),
        400,
        ("Bad request", "请求有误"),
        (
            "'a b' is not a host: write a name of at most 256 bytes.",
            "“a b”不是主机名：请写不超过 256 字节的主机名。",
        ),
    ),
    (
        ("GET", "/hypervisors", {"Host": "example.net"}),
        421,
        ("Misdirected request", "请求发到了错误的主机"),
        (
            "This service does not answer to the host 'example.net'.",
            "本服务不响应发往主机“example.net”的请求。",
        ),
    ),
    (
        ("GET", "/broken", {"Connection": "close"}),
        500,
        ("Internal error", "内部错误"),
        ("The service failed; the error has been logged.", "服务出错，错误已记入日志。"),
    ),
    (
        ("GET", "/outage", {}),
        503,
        ("Unavailable", "暂时不可用"),
        (
            "The dataset has not been read yet. Try again in a few seconds.",
            "数据集尚未读取。请过几秒再试。",
        ),
    ),
]


@pytest.fixture(scope="module")
def failing(settings):
    """A client of a service for one host only, of which a path is broken and another has nothing to serve."""
    app = create_app(settings.model_copy(update={"allowed_hosts": ["127.0.0.1"]}))

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError

    @app.get("/outage")
    def outage():
        raise NothingServedError(None)

    with client_of(app) as client:
        yield client


@pytest.mark.parametrize(
    ("request_line", "status", "titles", "details"),
    PROBLEMS,
    ids=[f"{line[1]} {status}" for line, status, *_ in PROBLEMS],
)
def test_a_refusal_is_in_the_language_of_the_answer(failing, request_line, status, titles, details):
    method, path, sent = request_line
    for lang, title, detail in zip(Language, titles, details, strict=True):
        answers = [
            failing.request(method, path, headers={**sent, "Accept-Language": f"{lang}-x, fr;q=0.5"}),
            failing.request(method, f"{path}?lang={lang}", headers={**sent, "Accept-Language": "fr"}),
        ]
        for answer in answers:
            assert answer.headers["content-language"] == lang
            assert answer.json() == {
                "type": f"/problems/{KINDS[status]}",
                "title": title,
                "status": status,
                "detail": detail,
                "instance": unquote(path),
                "errors": [],
            }


def bilingual_texts():
    """Yield the two texts of each `Bilingual` that is written in the code."""
    for path in (PROJECT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", None) == "Bilingual"
                and not isinstance(node.args[0], ast.Call)
            ):
                yield tuple(ast.unparse(argument) for argument in node.args)


def placeholders(text):
    """The placeholders of a text, of which the quoted ones differ by language."""
    return sorted(re.findall(r"{[^}]*}", text.replace(".zh}", ".en}")))


def test_every_text_says_the_same_in_both_languages():
    texts = [*bilingual_texts()]

    assert len(texts) > len(PROBLEMS)
    assert [english for english, _ in texts if CHINESE.search(english)] == []
    assert [english for english, chinese in texts if placeholders(english) != placeholders(chinese)] == []
    assert [chinese for _, chinese in texts if re.search("[a-z]{3,} [a-z]{3,}", re.sub("{[^}]*}", "", chinese))] == []
