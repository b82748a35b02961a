"""`format=csv`: a list as a table that a spreadsheet opens and cannot be harmed by."""

import csv
import io
import shutil
import subprocess
from zipfile import ZipFile

import pytest

from app.formats.spreadsheet import cell
from app.main import create_app
from app.packs.prepare import prepare
from app.settings import PROJECT
from tests.support.servers import client_of

LISTS = ["/concepts", "/virtualization-types", "/examples", "/hypervisor-types", "/hypervisors"]


def table(response):
    """The rows of a CSV answer, header aside, each by column."""
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return [*csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)]


# ruff: noqa: E501 (addresses are long)
HOSTED = """\
\ufeffid,url,name,label_en,label_zh,aliases,summary,remark,remark_kind,related,\
deprecated_since,deprecated_reason,deprecated_replaced_by,identifiers,pack,sources,concept,hypervisors\r
hosted,/hypervisor-types/hosted,宿主型,Hosted,宿主型,\
hosted hypervisor; type-2; type 2; type-2 hypervisor; 寄居; 宿主模型,\
虚拟机监控器运行在支持虚拟化的操作系统之上。,\
源文档的缩进把宿主型排在裸金属型之下；由于文档按运行位置分别定义二者，这里将其作为独立的类型。,note,,,,,,docs,\
"虚拟化介绍, Hypervisor分类 › 裸金属型 › 宿主型; \
Qubes OS documentation: FAQ, \
https://github.com/QubesOS/qubes-doc/blob/311cd6538dd9b6d06b0723752304646ce0684acd/introduction/faq.rst; \
USTC LUG Linux 201：虚拟化, \
https://github.com/ustclug/Linux201-docs/blob/1550c43b8c5862cd415f99221939b91cfc81b98a/docs/ops/virtualization/intro.md; \
0voice：虚拟化架构、特点及优势, \
https://github.com/0voice/Introduce_to_virtualization/blob/484f02f54d9eb016bb9807846e527f9d40c11306/framework/%E8%99%9A%E6%8B%9F%E5%8C%96%E6%9E%B6%E6%9E%84%E3%80%81%E7%89%B9%E7%82%B9%E5%8F%8A%E4%BC%98%E5%8A%BF.md; \
openEuler 文档：认识虚拟化, \
https://github.com/openeuler-mirror/docs/blob/ba94cbf9519a075de90203d446a03a05eee14f80/docs/zh/docs/Virtualization/%E8%AE%A4%E8%AF%86%E8%99%9A%E6%8B%9F%E5%8C%96.md",\
hypervisor,vmware-workstation; hyper-v; virtualbox; parallels-desktop\r
"""


# Characteristics, and several words in a cell.
CONCEPTS = """\
\ufeffid,url,name,label_en,label_zh,aliases,summary,remark,remark_kind,related,\
deprecated_since,deprecated_reason,deprecated_replaced_by,identifiers,pack,sources,broader,characteristics\r
virtualization,/concepts/virtualization,Virtualization,Virtualization,虚拟化,虚拟化技术,\
"A way of managing resources: the CPU, memory and disk space of physical computers are abstracted, then divided and \
combined into one or more computing environments, so that the hardware is put to the fullest use.",,,,,,,,docs,\
"虚拟化介绍, 虚拟化",,Agility; Flexibility; Scalability\r
"""
# A remark, a source with an address, and no vendor, license or website.
STORAGE = """\
\ufeffid,url,name,label_en,label_zh,aliases,summary,remark,remark_kind,related,\
deprecated_since,deprecated_reason,deprecated_replaced_by,identifiers,pack,sources,\
vendor,license,status,website,based_on,type\r
nas,/examples/nas,NAS,NAS,NAS,network-attached storage; 网络附加存储,\
Storage that is attached to a network and serves whole files to those who use it.,\
It is a class of storage rather than a product.,note,,,,,,docs,\
"虚拟化介绍, 虚拟化类型 › 存储虚拟化; \
SNIA Online Dictionary: NAS, https://www.snia.org/resources/online-dictionary?alpha=N; \
Red Hat：什么是网络附加存储（NAS）, \
https://www.redhat.com/zh/topics/data-storage/network-attached-storage",,,,,,storage\r
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/hypervisor-types?format=csv&lang=zh&q=寄居", HOSTED),
        ("/concepts?format=csv&lang=en&q=resources", CONCEPTS),
        ("/examples?format=csv&lang=en&type=storage", STORAGE),
    ],
)
def test_a_table_is_utf_8_with_a_byte_order_mark_and_crlf(client, url, expected):
    assert client.get(url).content.decode() == expected


def test_a_table_has_the_name_of_its_list_and_dataset_and_tells_its_language(client):
    response = client.get("/hypervisor-types?format=csv&lang=zh")

    assert response.headers["content-disposition"] == 'attachment; filename="hypervisor-types-docs-1.0.0.csv"'
    assert response.headers["content-language"] == "zh"


QUERIES = [
    *(f"{path}?lang={lang}" for path in LISTS for lang in ("en", "zh")),
    "/hypervisors?type=hosted&sort=-name",
    "/hypervisor-types?sort=-id",
    "/hypervisor-types?sort=name&lang=zh",
    "/virtualization-types?sort=-name&q=应用",
    "/virtualization-types?concept=virtualization&pack=docs&sort=id",
    "/examples?type=container&type=network",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_table_has_the_entries_of_the_list_in_its_order(client, query):
    shown = [
        {name: row[name] for name in ("id", "name", "summary")} for row in table(client.get(f"{query}&format=csv"))
    ]

    assert shown == [
        {name: item[name] for name in ("id", "name", "summary")} for item in client.get(query).json()["items"]
    ]
    assert shown


@pytest.mark.parametrize("query", QUERIES)
def test_a_table_has_an_address_of_its_own(client, query):
    path, _, given = query.partition("?")
    by_format = client.get(f"{query}&format=csv")
    by_address = client.get(f"{path}.csv?{given}", headers={"Accept": "application/json"})

    assert by_address.content == by_format.content
    assert by_address.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_address.headers["content-disposition"] == by_format.headers["content-disposition"]
    assert by_address.headers["content-language"] == by_format.headers["content-language"]


@pytest.mark.parametrize("parameter", ["limit=100", "offset=0", "facet=type", "format=csv"])
def test_the_address_of_a_table_takes_no_parameters_of_pages(client, parameter):
    assert client.get(f"/hypervisors.csv?{parameter}").status_code == 422


def test_the_defaults_of_pages_are_taken_with_a_table_because_clients_send_them(client):
    response = client.get("/hypervisors?format=csv&limit=100&offset=0&type=hosted")

    assert response.content == client.get("/hypervisors.csv?type=hosted").content


def test_an_empty_table_has_its_header(client):
    header = client.get("/examples?format=csv").text.splitlines()[0]

    assert client.get("/examples?format=csv&vendor=Nobody").text == f"{header}\r\n"


HARMFUL = """
pack: {id: harmful, version: "1", title: {en: "=1", zh: "=1"}, description: {en: "=1", zh: "=1"}}
sources: [{id: list, title: "=HYPERLINK(\\"http://example.com\\")", url: null}]
schemes:
  - id: own
    title: Own
    description: {en: Own., zh: 自己的。}
    url: null
    url_template: https://example.com/{value}
    not_virtualized: ["=0", none]
    hosts: ["=1"]
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
    identifiers: {own: [" =1", "=1", {prefix: "=2"}, {substring: "=3"}]}
    sources: [{source: list, supports: [name, aliases, remark, vendor, license, website, identifiers]}]
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
            "remark_kind": "note",
            "related": "",
            "deprecated_since": "",
            "deprecated_reason": "",
            "deprecated_replaced_by": "",
            "identifiers": "own= =1; own==1; own^==2; own*==3",
            "pack": "harmful",
            "sources": '\'=HYPERLINK("http://example.com")',
            "vendor": "'+vendor",
            "license": "'-license",
            "status": "",
            "website": "https://example.com/=1",
            "based_on": "",
            "type": "server",
        }
    ]
    assert response.headers["content-disposition"] == 'attachment; filename="examples-docs-1.0.0+harmful-1.csv"'


# How the last row of the harmful pack starts in each table of the zip.
HARMED = {
    "examples": "formula,",
    "identifiers": "examples,formula,",
    "sources": "examples,formula,",
    "packs": "harmful,",
    "schemes": "own,",
}


def test_a_cell_of_any_table_in_the_zip_that_would_be_a_formula_is_a_text(harmful):
    with ZipFile(io.BytesIO(harmful.get("/export.zip?lang=zh").content)) as archive:
        lines = {name: archive.read(f"{name}.csv").decode().splitlines() for name in HARMED}

    assert {name: [line for line in lines[name] if line.startswith(start)][-1] for name, start in HARMED.items()} == {
        "examples": "formula,/examples/formula,'＝1+1,'=1+1,'＝1+1,'@SUM(1); -2; +3,'+1,'＠here,note,,,,,"
        "own= =1; own==1; own^==2; own*==3,harmful,"
        '"\'=HYPERLINK(""http://example.com"")",\'+vendor,\'-license,,https://example.com/=1,,server,'
        "\"'-1, \"\"quoted\"\"; and more\",'+1,'@here,'＠here,'@SUM(1); -2,'+3,,",
        "identifiers": "examples,formula,own,'=3,substring,",
        "sources": 'examples,formula,"\'=HYPERLINK(""http://example.com"")",,,'
        "name; aliases; remark; vendor; license; website; identifiers,,work",
        "packs": "harmful,1,,en; zh,'=1,'=1,'=1,'=1,'=1,'=1",
        "schemes": "own,Own,自己的。,,https://example.com/{value},'=0; none,,,'=1,,Own.,自己的。",
    }


@pytest.mark.parametrize("start", "=+-@＝＋－＠\t\r\n\0\x7f\x85")
def test_whatever_a_formula_may_start_with_is_made_a_text(start):
    assert cell(f"{start}1") == f"'{start}1"
    assert cell(f"1{start}") == f"1{start}"


INSIDE = [
    ("x;=1+1", "x;'=1+1"),
    ('x;"=1+1', "x;'\"=1+1"),
    ("a;-b;+c", "a;'-b;'+c"),
    ("x\t=1\r\n@y\n＝1", "x\t'=1\r\n'@y\n'＝1"),
    ("a; b;c; -d, =e", "a; b;c; -d, =e"),
]


@pytest.mark.parametrize(("text", "safe"), INSIDE)
def test_where_a_formula_may_start_within_a_text_it_is_made_one(text, safe):
    assert cell(text) == safe


@pytest.mark.spreadsheet
@pytest.mark.parametrize("separator", [";", "\t"])
def test_no_separator_makes_a_formula_of_a_text(tmp_path, separator):
    texts = [
        "x;=1+1",
        'x;"=1+1',
        'x;""=1+1""',
        "x\t=1+1",
        "x\n=1+1",
        'x\n"=1+1',
        "x; =1+1",
        "=1+1",
        'x";=1+1',
        "x';'=1+1",
    ]
    with (tmp_path / "texts.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["id", cell(text), cell(f"{text};{text}"), "end"] for text in texts])

    convert(tmp_path, "fods", f"CSV:{ord(separator)},34,76", tmp_path / "texts.csv")

    converted = (tmp_path / "converted" / "texts.fods").read_text(encoding="utf-8")
    assert "1+1" in converted
    assert "table:formula" not in converted


def convert(folder, kind, import_filter, *paths):
    """Let LibreOffice convert files, into a folder of that folder."""
    if (soffice := shutil.which("soffice")) is None:
        pytest.skip("LibreOffice is not installed; on Debian it is the package libreoffice-calc-nogui.")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    # Without a window it does not look at the byte order mark.
    given = [f"--infilter={import_filter}"] if import_filter else []
    subprocess.run(  # noqa: S603 (our own command)
        [soffice, profile, "--headless", *given, "--convert-to", kind, "--outdir", folder / "converted", *paths],
        capture_output=True,
        timeout=120,
        check=True,
    )


@pytest.mark.spreadsheet
def test_a_spreadsheet_opens_a_table_with_its_chinese_intact(harmful, tmp_path):
    given = {path: table(harmful.get(f"{path}?format=csv&lang=zh")) for path in LISTS}
    for path in LISTS:
        response = harmful.get(f"{path}?format=csv&lang=zh")
        (tmp_path / f"{path.strip('/')}.csv").write_bytes(response.content)

    # 44 and 34 are , and ", 76 is UTF-8.
    convert(tmp_path, "xlsx", "CSV:44,34,76", *sorted(tmp_path.glob("*.csv")))
    for workbook in (tmp_path / "converted").glob("*.xlsx"):
        workbook.rename(tmp_path / workbook.name)
    convert(tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76,1", None, *sorted(tmp_path.glob("*.xlsx")))

    for path in LISTS:
        text = (tmp_path / "converted" / f"{path.strip('/')}.csv").read_bytes().decode("utf-8-sig")
        assert [*csv.DictReader(io.StringIO(text, newline=""))] == given[path]
