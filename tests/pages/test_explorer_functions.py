"""The promise that the functions of the explorer's scripts give what they say, each imported by itself in Chromium."""

import pytest

from app.pages import rendering


@pytest.fixture(scope="module")
def run(browser, base_url):
    """What JavaScript gives that is handed a module of the explorer and a value."""
    page = browser.new_page(base_url=base_url)
    page.goto("/?lang=en")

    def run(module, script, given):
        address = f"/explorer/{rendering.DIGEST}/{module}.js"
        return page.evaluate(
            f"async ([address, given]) => ({script})(await import(address), given)", [base_url + address, given]
        )

    yield run
    page.close()


FRAGMENTS = [
    ("", "", []),
    ("#main", "main", []),
    ("#?q=kvm", "", [["q", "kvm"]]),
    ("#/hypervisors/kvm", "/hypervisors/kvm", []),
    ("#/hypervisors%2Fkvm", "/hypervisors/kvm", []),
    ("#/hypervisors?type=hosted&type=bare-metal", "/hypervisors", [["type", "hosted"], ["type", "bare-metal"]]),
    ("#/lookup?value=a?b%26c&value=%E8%A3%B8+x", "/lookup", [["value", "a?b&c"], ["value", "裸 x"]]),
    ("#/hypervisors/kvm?lang=zh&lang=en", "/hypervisors/kvm", []),
]


@pytest.mark.parametrize(("fragment", "path", "parameters"), FRAGMENTS)
def test_a_fragment_is_a_path_with_parameters(run, fragment, path, parameters):
    script = "({ parseFragment }, given) => { const { path, parameters } = parseFragment(given); "
    script += "return [path, [...parameters]]; }"

    assert run("address", script, fragment) == [path, parameters]


PATHS = [
    ("/hypervisors/kvm", True),
    ("/concepts/%E8%99%9A", True),
    ("/hypervisors", False),
    ("/dataset", False),
    ("//evil.example/x", False),
    ("/\\evil.example/hypervisors/x", False),
    ("//evil.example/hypervisors/x", False),
    ("https://evil.example/hypervisors/kvm", False),
    ("/constructor/name", False),
]


@pytest.mark.parametrize(("path", "known"), PATHS)
def test_only_the_paths_of_entries_are_called(run, path, known):
    assert run("address", "({ isEntry }, given) => isEntry(given)", path) == known


@pytest.mark.parametrize(
    ("value", "shown"),
    [("proprietary", "proprietary"), *((name, name) for name in ("Red Hat", "constructor", "toString", "__proto__"))],
)
def test_a_value_without_a_translation_is_shown_as_it_is(run, value, shown):
    assert run("facts", "({ translateValue }, given) => translateValue(given)", value) == shown


PARAMETERS = [
    ([], "#/lookup"),
    ([["value", "kvm"]], "#/lookup?value=kvm"),
    ([["value", "a?b&c"], ["value", "裸 x"], ["value", "'"]], "#/lookup?value=a%3Fb%26c&value=%E8%A3%B8+x&value=%27"),
]


@pytest.mark.parametrize(("parameters", "fragment"), PARAMETERS)
def test_a_path_with_parameters_is_a_fragment(run, parameters, fragment):
    script = "({ fragmentOf }, given) => fragmentOf('/lookup', new URLSearchParams(given))"
    again = "({ parseFragment }, given) => [...parseFragment(given).parameters]"

    assert run("address", script, parameters) == fragment
    assert run("address", again, fragment) == parameters


@pytest.mark.parametrize(
    ("query", "url"), [("", "?lang=en"), ("q=a+b&q=%26", "?q=a+b&q=%26&lang=en"), ("lang=zh&q=a", "?lang=en&q=a")]
)
def test_a_call_is_in_the_language_of_the_page(run, query, url):
    assert run("api", "({ urlOf }, given) => urlOf('/search', new URLSearchParams(given))", query) == f"/search{url}"


WITHOUT = [
    ("type=hosted&q=a&type=bare-metal", ["type"], "q=a"),
    ("type=hosted&q=a&type=bare-metal", ["type", "hosted"], "q=a&type=bare-metal"),
    ("type=hosted", ["type", "bare-metal"], "type=hosted"),
    ("type=hosted", ["vendor"], "type=hosted"),
]


@pytest.mark.parametrize(("query", "left_out", "left"), WITHOUT)
def test_a_parameter_or_one_of_its_values_is_left_out(run, query, left_out, left):
    script = "({ without }, [query, rest]) => { const given = new URLSearchParams(query); "
    script += "return [String(without(given, ...rest)), String(given)]; }"

    assert run("filters", script, [query, left_out]) == [left, query]


TOGGLED = [
    ("", ["type", "hosted"], "type=hosted"),
    ("type=bare-metal", ["type", "hosted"], "type=bare-metal&type=hosted"),
    ("type=bare-metal&type=hosted&q=a", ["type", "hosted"], "type=bare-metal&q=a"),
]


@pytest.mark.parametrize(("query", "value", "toggled"), TOGGLED)
def test_a_value_is_added_or_taken_away(run, query, value, toggled):
    script = "({ toggled }, [query, rest]) => { const given = new URLSearchParams(query); "
    script += "return [String(toggled(given, ...rest)), String(given)]; }"

    assert run("filters", script, [query, value]) == [toggled, query]


NUMBERS = [str(number) for number in range(250)]
# Each of these takes 1,807 characters of a URL: nine in a byte, three bytes in a character.
LONG = ["裸" * 199 + character for character in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]
HALF = "x" * (8_000 - len("&value="))
NUMBERS = [str(number) for number in range(2001)]
BATCHES = [([], []), (["kvm"], [["kvm"]]), (NUMBERS, [NUMBERS[:1000], NUMBERS[1000:2000], NUMBERS[2000:]])]


@pytest.mark.parametrize(("values", "batches"), BATCHES, ids=["none", "one", "many"])
def test_values_are_resolved_in_requests_that_the_api_takes(run, values, batches):
    assert run("lookup", "({ batches }, given) => batches(given)", values) == batches


ADDRESSES = [
    (["kvm"], True),
    (["x"] * 100, True),
    (["x"] * 101, False),
    (["裸" * 200] * 9, False),
    (["裸" * 200] * 8, True),
]


@pytest.mark.parametrize(("values", "fits"), ADDRESSES, ids=["one", "most", "many", "long", "just"])
def test_a_short_list_fits_into_an_address(run, values, fits):
    assert run("lookup", "({ fitsAddress }, given) => fitsAddress(given)", values) == fits


def resolved(match, count, *names):
    """A result of the look-up form."""
    return {"match": match, "count": count, "items": [{"url": f"/hypervisors/{name}"} for name in names]}


def test_lines_are_counted_by_what_they_mean(run):
    results = [
        resolved("none", 9),
        resolved("identifier", 1, "a", "b"),
        resolved("id", 2, "a"),
        resolved("unsent", 1),
        resolved("part", 3, "a"),
        resolved("not-virtualized", 7),
        resolved("unspecified", 1),
    ]
    script = "({ countMeanings }, given) => countMeanings(given).map(({ items, match, count }) => "
    script += "[items.map(({ url }) => url.at(-1)).join(''), match, count])"

    assert run("lookup", script, results) == [
        ["a", "", 5],
        ["ab", "", 1],
        ["", "not-virtualized", 7],
        ["", "unspecified", 1],
        ["", "none", 10],
    ]


PASTED = [
    ("", []),
    (' \n\t\n""\t\n', []),
    ("kvm\n\nxen", [[1, "kvm", []], [3, "xen", []]]),
    ("kvm\r\nxen\rwine", [[1, "kvm", []], [2, "xen", []], [3, "wine", []]]),
    (" kvm ", [[1, " kvm ", []]]),
    ("kvm\thost-1\tRack 2", [[1, "kvm", ["cells"]]]),
    ("kvm\t", [[1, "kvm", []]]),
    ("\tkvm\thost-1", [[1, "kvm", ["cells"]]]),
    ('"kvm"', [[1, "kvm", ["quotes"]]]),
    (' "kvm" ', [[1, "kvm", ["quotes"]]]),
    ('"a ""b"" c"\t"d"', [[1, 'a "b" c', ["cells", "quotes"]]]),
    ('""\tkvm', [[1, "kvm", []]]),
    ('"kvm","xen"', [[1, '"kvm","xen"', []]]),
    ('"kvm\nxen"', [[1, '"kvm', []], [2, 'xen"', []]]),
    ("𝒳" * 200 + "\n" + "x" * 201, [[1, "𝒳" * 200, []], [2, "x" * 201, ["long"]]]),
    ("a\0b", [[1, "a\0b", ["nul"]]]),
]


@pytest.mark.parametrize(("text", "lines"), PASTED)
def test_a_pasted_line_gives_a_value_and_how_it_differs(run, text, lines):
    script = "({ readLines }, given) => readLines(given).map(({ line, value, differences }) => "
    script += "[line, value, differences])"

    assert run("pasted", script, text) == lines


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([4], "4"), ([4, 5], "4–5"), ([1, 3, 4, 5, 9], "1, 3–5, 9"), ([1, 2, 9, 10], "1–2, 9–10")],
)
def test_runs_of_line_numbers_are_shortened(run, numbers, text):
    assert run("pasted", "({ formatNumbers }, given) => formatNumbers(given)", numbers) == text


EXCERPTS = [
    (("KVM", 0, 3), ["", "KVM", ""]),
    (("𝒳𝒳 kvm 𝒳", 3, 6), ["𝒳𝒳 ", "kvm", " 𝒳"]),
    (("a" * 24 + "kvm" + "b" * 40, 24, 27), ["a" * 24, "kvm", "b" * 40]),
    (("a" * 25 + "kvm" + "b" * 41, 25, 28), ["…" + "a" * 24, "kvm", "b" * 40 + "…"]),
]


@pytest.mark.parametrize(("match", "pieces"), EXCERPTS, ids=["whole", "planes", "fits", "cut"])
def test_what_a_search_found_is_marked_in_its_text(run, match, pieces):
    given = dict(zip(("value", "start", "end"), match, strict=True))

    assert run("search", "({ excerpt }, given) => excerpt(given)", given) == pieces


CELLS = [
    ("", ""),
    ("kvm", "kvm"),
    ("a=1", "a=1"),
    ("a,b", '"a,b"'),
    ('a"b', '"a""b"'),
    ("a\nb", '"a\nb"'),
    ("a\rb", '"a\rb"'),
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@a", "'@a"),
    ("＝1", "'＝1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("＠a", "'＠a"),
    ("\t=1", "'\t'=1"),
    ("\x85a", "'\x85a"),
    ("=a,b", '"\'=a,b"'),
    ("a;=1;-1; -1", "a;'=1;'-1; -1"),
    ('a;"=1\n＝1', '"a;\'""=1\n\'＝1"'),
    ([], ""),
    (["kvm"], "kvm"),
    (["vmware-esxi", "vmware-workstation"], "vmware-esxi; vmware-workstation"),
    (["=a", "b"], "'=a; b"),
]


@pytest.mark.parametrize(("value", "cell"), CELLS)
def test_a_cell_is_quoted_and_never_a_formula(run, value, cell):
    assert run("csv", "({ csvCell }, given) => csvCell(given)", value) == cell


def test_rows_are_a_file_as_the_api_writes_it(run):
    script = "async ({ csvFile }, given) => { const file = csvFile(given); "
    script += "return [file.type, [...new Uint8Array(await file.arrayBuffer())]]; }"
    media_type, content = run("csv", script, [["value", "names"], ["裸金属", ["a", "b"]]])

    assert media_type == "text/csv;charset=utf-8"
    assert bytes(content).decode() == "\ufeffvalue,names\r\n裸金属,a; b\r\n"
