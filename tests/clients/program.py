"""What a user writes with the client of openapi-python-client. It prints what it is answered, as JSON."""

import json
import sys
from typing import TypeVar
from zipfile import ZipFile

from generated import Client
from generated.api.dataset import get_export, get_export_jsonld, get_export_zip
from generated.api.find import lookup_values, search_entries
from generated.api.hypervisors import get_hypervisor, get_hypervisors_csv, list_hypervisors
from generated.models import (
    ExportPublic,
    GetExportJsonldResponse200,
    HitPage,
    HypervisorPage,
    HypervisorPublic,
    HypervisorTypeId,
    Language,
    LookupPublic,
    Problem,
    ProductFacet,
    SchemeId,
)
from generated.types import File

Answer = TypeVar("Answer")
client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True, follow_redirects=True)


def expect(kind: type[Answer], answer: object) -> Answer:
    """Narrow the type of an answer, as a user must."""
    if not isinstance(answer, kind):
        raise TypeError(answer)
    return answer


page = expect(
    HypervisorPage,
    list_hypervisors.sync(client=client, type_=[HypervisorTypeId.BARE_METAL], facet=[ProductFacet.STATUS], limit=2),
)
entry = expect(HypervisorPublic, get_hypervisor.sync("esxi", client=client, lang=Language.ZH))
lookup = expect(
    LookupPublic, lookup_values.sync(client=client, value=["vmware"], scheme=[SchemeId.SYSTEMD_DETECT_VIRT])
)
hits = expect(HitPage, search_entries.sync(client=client, q="容器", limit=1))
table = expect(str, get_hypervisors_csv.sync(client=client, type_=[HypervisorTypeId.HOSTED]))
export = expect(ExportPublic, get_export.sync(client=client))
skos = expect(GetExportJsonldResponse200, get_export_jsonld.sync(client=client))
archive = expect(File, get_export_zip.sync(client=client))
missing = expect(Problem, get_hypervisor.sync("virtualbax", client=client))
refused = expect(Problem, list_hypervisors.sync(client=client, limit=0))
etag = list_hypervisors.sync_detailed(client=client).headers["etag"]
unchanged = list_hypervisors.sync_detailed(client=client.with_headers({"If-None-Match": etag}))

json.dump(
    {
        "page": [item.id for item in page.items],
        "facets": {facet.value: facet.count for facet in page.facets["status"]},
        "entry": [entry.id, entry.labels["zh"]],
        "lookup": [[result.match, [item.id for item in result.items]] for result in lookup.results],
        "hits": [[hit.id, [match.field for match in hit.matched]] for hit in hits.items],
        "table": [line.partition(",")[0] for line in table.splitlines()],
        "export": [concept.id for concept in export.concepts],
        "skos": len(skos["@graph"]) > 0,
        "archive": ZipFile(archive.payload).namelist(),
        "missing": [missing.status, missing.errors[0].allowed],
        "refused": [refused.status, refused.errors[0].parameter],
        "unchanged": [unchanged.status_code, unchanged.parsed],
    },
    sys.stdout,
)
