"""What every list can: search, order, pages, facets, languages; told by `/hypervisors`, where there is most."""

import pytest

from tests.support.http import ids

ALL = [
    "kvm",
    "xen",
    "vmware-esxi",
    "rhev-hypervisor",
    "hyper-v-server",
    "vmware-workstation",
    "hyper-v",
    "virtualbox",
    "parallels-desktop",
]
BY_NAME = [
    "hyper-v",
    "hyper-v-server",
    "kvm",
    "parallels-desktop",
    "rhev-hypervisor",
    "virtualbox",
    "vmware-esxi",
    "vmware-workstation",
    "xen",
]
QUERIES = [
    ("/hypervisors?q=VIRTUALBOX", ["virtualbox"]),
    ("/hypervisors?q=Paralles", ["parallels-desktop"]),
    ("/hypervisors?q=%EF%BD%98%EF%BD%85%EF%BD%8E", ["xen"]),
    ("/hypervisors?q=100%25", []),
    ("/hypervisors?q=%25", []),
    ("/hypervisors?q=_", []),
    ("/hypervisors?q=%5C", []),
    ("/hypervisors?q=%22", []),
    ("/virtualization-types?q=容器", ["container"]),
    ("/hypervisor-types?q=裸金", ["bare-metal"]),
    ("/hypervisor-types?q=寄居", ["hosted"]),
    ("/examples?q=k8s", ["kubernetes"]),
    ("/concepts?q=machin%20monitor", ["hypervisor"]),
]


@pytest.mark.parametrize(("url", "expected"), QUERIES)
def test_q_finds_text_in_either_language(client, url, expected):
    response = client.get(url)

    assert ids(response) == expected
    assert response.json()["total"] == len(expected)


ORDERS = [
    ("", ALL),
    ("sort=name", BY_NAME),
    ("sort=-name", BY_NAME[::-1]),
    ("sort=id", sorted(ALL)),
    ("sort=-id", sorted(ALL)[::-1]),
]


@pytest.mark.parametrize(("query", "expected"), ORDERS)
def test_a_list_is_in_the_order_asked_for(client, query, expected):
    assert ids(client.get(f"/hypervisors?{query}")) == expected


def test_names_are_ordered_in_the_language_of_the_answer(client):
    assert ids(client.get("/hypervisor-types?sort=name&lang=en")) == ["bare-metal", "hosted"]
    assert ids(client.get("/hypervisor-types?sort=name&lang=zh")) == ["hosted", "bare-metal"]


def test_pages_cut_the_list_without_gap_or_overlap(client):
    pages = [client.get(f"/hypervisors?limit=4&offset={offset}") for offset in (0, 4, 8)]

    assert [ids(page) for page in pages] == [ALL[:4], ALL[4:8], ALL[8:]]
    assert [page.json()["total"] for page in pages] == [9, 9, 9]


LINKS = [
    ("limit=4", {"first": 0, "next": 4, "last": 8}),
    ("limit=4&offset=4", {"first": 0, "prev": 0, "next": 8, "last": 8}),
    ("limit=4&offset=8", {"first": 0, "prev": 4, "last": 8}),
    ("limit=4&offset=2", {"first": 0, "prev": 0, "next": 6, "last": 8}),
    ("limit=3", {"first": 0, "next": 3, "last": 6}),
    ("limit=4&offset=400", {"first": 0, "prev": 8, "last": 8}),
]


@pytest.mark.parametrize(("query", "offsets"), LINKS)
def test_link_leads_to_the_other_pages(client, query, offsets):
    links = client.get(f"/hypervisors?{query}").links
    limit = query.partition("&")[0]

    assert {name: link["url"] for name, link in links.items()} == {
        name: f"/hypervisors?{limit}&offset={offset}" for name, offset in offsets.items()
    }


def test_link_keeps_the_filters(client):
    links = client.get("/hypervisors?type=hosted&type=bare-metal&limit=1&q=hyper%2Dv%20").links

    assert links["next"]["url"] == "/hypervisors?q=hyper-v+&type=hosted&type=bare-metal&limit=1&offset=1"


@pytest.mark.parametrize(("values", "links"), [(60, ["first", "last"]), (100, [])])
def test_link_is_left_out_where_it_would_be_too_long(client, values, links):
    response = client.get("/hypervisors", params={"vendor": [f"Vendor Name {number}" for number in range(values)]})

    assert [*response.links] == links
    assert sum(len(name) + len(value) for name, value in response.headers.raw) < 4096


def test_an_empty_list_is_a_list(client):
    response = client.get("/hypervisors?q=nobody")

    assert response.json() == {"items": [], "total": 0, "limit": 100, "offset": 0, "facets": {}, "hint": None}
    assert [*response.links] == ["first", "last"]


HINTS = [
    ("/hypervisors?vendor=oracle", "Did you mean 'Oracle'?"),
    ("/hypervisors?vendor=oracle&vendor=oracle&type=bare-metal", "Did you mean 'Oracle'?"),
    ("/hypervisors?vendor=redhat", "Did you mean 'Red Hat'?"),
    ("/hypervisors?vendor=VMware", "The entries that 'VMware' denotes have the vendor 'Broadcom'."),
    (
        "/hypervisors?vendor=Oracle,Red Hat",
        "To allow several, repeat the parameter: vendor=Oracle&vendor=Red%20Hat",
    ),
    ("/hypervisors?license=GPL-2.0", "Did you mean 'GPL-2.0-only'?"),
    ("/hypervisors?license=KVM", "The entries that 'KVM' denotes have the license 'GPL-2.0-only'."),
    ("/hypervisors?license=apache&vendor=Oracle", "/hypervisors?facet=license lists the values."),
    ("/examples?license=apache", "Did you mean 'Apache-2.0'?"),
    ("/examples?vendor=Oracle", "/examples?facet=vendor lists the values."),
    ("/hypervisors?id=virtulbox", "Did you mean 'virtualbox'?"),
    ("/hypervisors?id=esxi", "The entries that 'esxi' denotes have the id 'vmware-esxi'."),
    ("/examples?id=xyzzy", "/examples lists the values."),
]
HINTS_IN_CHINESE = [
    ("/hypervisors?vendor=oracle", "hypervisors 中没有 vendor 为“oracle”的条目。是否应为“Oracle”？"),
    (
        "/hypervisors?vendor=VMware",
        "hypervisors 中没有 vendor 为“VMware”的条目。“VMware”所指条目的 vendor 为“Broadcom”。",
    ),
    ("/examples?vendor=Oracle", "examples 中没有 vendor 为“Oracle”的条目。全部取值见 /examples?facet=vendor。"),
]


@pytest.mark.parametrize(("url", "hint"), HINTS)
def test_an_empty_page_names_the_value_that_no_entry_has(client, url, hint):
    path, _, query = url.partition("?")
    name, _, value = query.partition("&")[0].partition("=")

    assert client.get(url).json()["hint"] == f"No entry in {path[1:]} has the {name} '{value}'. {hint}"


@pytest.mark.parametrize(("url", "hint"), HINTS_IN_CHINESE)
def test_the_hint_of_an_empty_page_is_in_the_language_of_the_answer(client, url, hint):
    assert client.get(f"{url}&lang=zh").json()["hint"] == hint


def test_an_id_that_exists_needs_no_hint(client):
    answer = client.get("/hypervisors?id=kvm&type=hosted").json()

    assert (answer["total"], answer["hint"]) == (0, None)


def test_the_hint_of_an_empty_page_names_three_values(client):
    hint = client.get("/hypervisors?vendor=a&vendor=b&vendor=c&vendor=d").json()["hint"]

    assert hint == " ".join(
        f"No entry in hypervisors has the vendor '{value}'. /hypervisors?facet=vendor lists the values."
        for value in "abc"
    )


@pytest.mark.parametrize(
    "query", ["vendor=Oracle&type=bare-metal", "vendor=Oracle&vendor=oracle", "vendor=Oracle&offset=5", "limit=1"]
)
def test_a_page_whose_values_exist_has_no_hint(client, query):
    assert client.get(f"/hypervisors?{query}").json()["hint"] is None


def test_facets_count_the_filtered_set(client):
    page = client.get("/hypervisors?type=bare-metal&facet=status&facet=vendor&limit=1").json()

    assert page["total"] == 5
    assert page["facets"] == {
        "status": [{"value": "active", "count": 3}, {"value": "discontinued", "count": 2}],
        "vendor": [
            {"value": "Broadcom", "count": 1},
            {"value": "Linux kernel community", "count": 1},
            {"value": "Microsoft", "count": 1},
            {"value": "Red Hat", "count": 1},
            {"value": "Xen Project", "count": 1},
        ],
    }


def test_a_facet_leaves_out_entries_without_a_value(client):
    page = client.get("/hypervisors?facet=license").json()

    assert page["facets"]["license"] == [
        {"value": "proprietary", "count": 5},
        {"value": "GPL-2.0-only", "count": 2},
        {"value": "GPL-3.0-only", "count": 1},
    ]


LANGUAGES = [
    ("", None, "en"),
    ("lang=zh", None, "zh"),
    ("lang=en", "zh-CN", "en"),
    ("lang=zh-CN", "en", "zh"),
    ("lang=zh-Hans", None, "zh"),
    ("lang=zh-hant-tw", None, "zh"),
    ("lang=ZH", None, "zh"),
    ("lang=en-US", "zh", "en"),
    ("", "zh-CN", "zh"),
    ("", "zh-Hans-CN,zh;q=0.9,en;q=0.8", "zh"),
    ("", "en-GB,zh;q=0.5", "en"),
    ("", "fr,zh;q=0.5", "zh"),
    ("", "fr", "en"),
    ("", "*", "en"),
    ("", "en;q=0,zh;q=0.1", "zh"),
    ("", ";;;q=x,,zh-;q=2", "en"),
]


@pytest.mark.parametrize(("query", "header", "lang"), LANGUAGES)
def test_the_language_is_that_of_lang_then_of_the_header_then_english(client, query, header, lang):
    response = client.get(f"/hypervisor-types/hosted?{query}", headers={"Accept-Language": header} if header else {})

    assert response.json()["name"] == {"en": "Hosted", "zh": "宿主型"}[lang]
    assert response.json()["labels"] == {"en": "Hosted", "zh": "宿主型"}
    assert response.headers["content-language"] == lang
    assert "Accept-Language" in response.headers["vary"]


FORMATS = [
    ("", None, "application/json"),
    ("", "text/csv", "text/csv; charset=utf-8"),
    ("", "application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
    ("", "text/html, */*;q=0.8", "application/json"),
    ("format=csv", "application/json", "text/csv; charset=utf-8"),
    ("", "application/ld+json", "application/ld+json"),
    ("format=json", "text/csv", "application/json"),
    ("format=json", "text/html", "application/json"),
]


@pytest.mark.parametrize(("query", "header", "media_type"), FORMATS)
def test_the_format_is_that_of_format_then_of_the_header_then_json(client, query, header, media_type):
    response = client.get(f"/hypervisors?{query}", headers={"Accept": header} if header else {})

    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"].split(", ")


@pytest.mark.parametrize(
    "path",
    [
        "/hypervisors?type=hosted",
        "/hypervisors?format=csv",
        "/hypervisors/kvm",
        "/taxonomy",
        "/export",
        "/nope",
        "/hypervisors?x",
    ],
)
def test_head_is_get_without_the_content(client, path):
    head, get = client.head(path), client.get(path)

    assert head.content == b""
    assert head.status_code == get.status_code
    aside = {"date": "", "x-request-id": ""}
    assert {**head.headers, **aside} == {**get.headers, **aside}


@pytest.mark.parametrize("path", ["/hypervisors", "/hypervisors/kvm", "/taxonomy"])
def test_options_tells_what_is_served(client, path):
    response = client.options(path)

    assert (response.status_code, response.headers["allow"], response.content) == (204, "GET, HEAD, OPTIONS", b"")
