"""`format=csv`: a list as a table that a spreadsheet opens and cannot be harmed by."""

import csv
import io
import shutil
import subprocess

import pytest

from app.formats.spreadsheet import cell
from app.main import create_app
from app.settings import PROJECT
from tests.support.databases import prepare
from tests.support.servers import client_of

LISTS = ["/concepts", "/virtualization-types", "/examples", "/hypervisor-types", "/hypervisors"]


def table(response):
    """The rows of a CSV answer, header aside, each by column."""
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return [*csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)]


def flat(item):
    """The JSON of an entry as its row in the CSV shows it."""
    row = {}
    for name, value in item.items():
        match name:
            case "labels":
                row |= {f"label_{lang}": label for lang, label in value.items()}
            case "identifiers":
                row[name] = "; ".join(f"{identifier['scheme']}={identifier['value']}" for identifier in value)
            case "sources":
                row[name] = "; ".join(
                    ", ".join(filter(None, [source["title"], source["section"], source["url"]])) for source in value
                )
            case "examples" | "hypervisors":
                row[name] = "; ".join(reference["id"] for reference in value)
            case _:
                row[name] = "; ".join(value) if isinstance(value, list) else value or ""
    return row


HOSTED = """\
\ufeffid,url,name,label_en,label_zh,aliases,summary,remark,identifiers,pack,sources,concept,hypervisors\r
hosted,/hypervisor-types/hosted,宿主型,Hosted,宿主型,\
hosted hypervisor; type-2; type 2; type-2 hypervisor; 寄居; 寄居型; 托管型; 二型; 2 型,\
虚拟机监控器运行在支持虚拟化的操作系统之上。,\
源文档的缩进把宿主型排在裸金属型之下；由于文档按运行位置分别定义二者，这里将其作为独立的类型。,,docs,\
"虚拟化介绍, Hypervisor分类 › 裸金属型 › 宿主型; \
Wikipedia ""Hypervisor"" (copy), https://ris.mk/classification-of-hypervisors",\
hypervisor,vmware-workstation; hyper-v; virtualbox; parallels-desktop\r
"""


def test_a_table_is_utf_8_with_a_byte_order_mark_and_crlf(client):
    response = client.get("/hypervisor-types?format=csv&lang=zh&q=寄居")

    assert response.content.decode() == HOSTED
    assert response.headers["content-disposition"] == 'attachment; filename="hypervisor-types-docs-1.0.0.csv"'
    assert response.headers["content-language"] == "zh"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_says_what_the_list_says(client, path, lang):
    page = client.get(f"{path}?lang={lang}").json()
    rows = table(client.get(f"{path}?lang={lang}&format=csv"))

    assert rows == [flat(item) for item in page["items"]]
    assert len(rows) == page["total"]


QUERIES = [
    "/hypervisors?type=hosted&sort=-name",
    "/hypervisor-types?sort=-id",
    "/hypervisor-types?sort=name&lang=zh",
    "/virtualization-types?sort=name",
    "/virtualization-types?sort=-name&q=应用",
    "/virtualization-types?concept=virtualization&pack=docs&sort=id",
    "/examples?type=container&type=network",
    "/examples?vendor=Nobody",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_table_is_narrowed_and_ordered_like_the_list(client, query):
    assert table(client.get(f"{query}&format=csv")) == [flat(item) for item in client.get(query).json()["items"]]


def test_an_empty_table_has_its_header(client):
    header = client.get("/examples?format=csv").text.splitlines()[0]

    assert client.get("/examples?format=csv&vendor=Nobody").text == f"{header}\r\n"


HARMFUL = """
pack: {id: harmful, version: "1", title: {en: "=1", zh: "=1"}, description: {en: "=1", zh: "=1"}}
sources: [{id: list, title: "=HYPERLINK(\\"http://example.com\\")", url: null}]
schemes: [{id: own, title: Own, description: {en: Own., zh: 自己的。}, url: null}]
examples:
  - id: formula
    labels: {en: "=1+1", zh: "＝1+1"}
    aliases: {en: ["@SUM(1)", "-2"], zh: ["+3"]}
    summary: {en: "-1, \\"quoted\\"; and more", zh: "+1"}
    remark: {en: "@here", zh: "＠here"}
    type: server
    vendor: "+vendor"
    license: "-license"
    website: https://example.com/=1
    identifiers: {own: ["\\t=1\\n2", "=1"]}
    sources: [{source: list, supports: [name, remark, vendor, license, website, identifiers]}]
"""


@pytest.fixture(scope="module")
def harmful(new_database, tmp_path_factory):
    """A client of a server of the docs pack and of one with formulas in it."""
    seed_dir = tmp_path_factory.mktemp("seed")
    shutil.copytree(PROJECT / "seed" / "docs", seed_dir / "docs")
    (seed_dir / "harmful").mkdir()
    (seed_dir / "harmful" / "pack.yaml").write_text(HARMFUL, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "harmful")})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize(
    ("lang", "name", "summary", "remark"),
    [
        ("en", "'=1+1", '\'-1, "quoted"; and more', "'@here"),
        ("zh", "'＝1+1", "'+1", "'＠here"),
    ],
)
def test_a_cell_that_would_be_a_formula_is_a_text(harmful, lang, name, summary, remark):
    response = harmful.get(f"/examples?format=csv&pack=harmful&lang={lang}")

    assert table(response) == [
        {
            "id": "formula",
            "url": "/examples/formula",
            "name": name,
            "label_en": "'=1+1",
            "label_zh": "'＝1+1",
            "aliases": "'@SUM(1); -2; +3",
            "summary": summary,
            "remark": remark,
            "identifiers": "own=\t=1\n2; own==1",
            "pack": "harmful",
            "sources": '\'=HYPERLINK("http://example.com")',
            "vendor": "'+vendor",
            "license": "'-license",
            "website": "https://example.com/=1",
            "type": "server",
        }
    ]
    assert response.headers["content-disposition"] == 'attachment; filename="examples-docs-1.0.0+harmful-1.csv"'


@pytest.mark.parametrize("start", "=+-@＝＋－＠\t\r\n\0\x7f\x85")
def test_whatever_a_formula_may_start_with_is_made_a_text(start):
    assert cell(f"{start}1") == f"'{start}1"
    assert cell(f"1{start}") == f"1{start}"


@pytest.mark.spreadsheet
def test_a_spreadsheet_opens_a_table_with_its_chinese_intact(harmful, tmp_path):
    if (soffice := shutil.which("soffice")) is None:
        pytest.skip("LibreOffice is not installed; on Debian it is the package libreoffice-calc-nogui.")
    given = {path: table(harmful.get(f"{path}?format=csv&lang=zh")) for path in LISTS}
    for path in LISTS:
        response = harmful.get(f"{path}?format=csv&lang=zh")
        (tmp_path / f"{path.strip('/')}.csv").write_bytes(response.content)

    def convert(kind, suffix):
        subprocess.run(  # noqa: S603 (our own command)
            [
                soffice,
                f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
                "--headless",
                # Without a window it does not look at the byte order mark: 44 and 34 are , and ", 76 is UTF-8.
                *(["--infilter=CSV:44,34,76"] if suffix == "csv" else []),
                *("--convert-to", kind),
                *("--outdir", tmp_path / "converted"),
                *sorted(tmp_path.glob(f"*.{suffix}")),
            ],
            capture_output=True,
            timeout=120,
            check=True,
        )

    convert("xlsx", "csv")
    for workbook in (tmp_path / "converted").glob("*.xlsx"):
        workbook.rename(tmp_path / workbook.name)
    convert("csv:Text - txt - csv (StarCalc):44,34,76,1", "xlsx")

    for path in LISTS:
        text = (tmp_path / "converted" / f"{path.strip('/')}.csv").read_bytes().decode("utf-8-sig")
        assert [*csv.DictReader(io.StringIO(text, newline=""))] == given[path]
