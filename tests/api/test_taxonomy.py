"""`/taxonomy`: the whole tree in one answer."""


def outline(concept):
    """The ids below a concept."""
    return {
        "virtualization_types": {
            type["id"]: [example["id"] for example in type["examples"]] for type in concept["virtualization_types"]
        },
        "hypervisor_types": {
            type["id"]: [hypervisor["id"] for hypervisor in type["hypervisors"]] for type in concept["hypervisor_types"]
        },
    }


def test_the_tree_nests_every_entry_once(client):
    concepts = client.get("/taxonomy").json()["concepts"]

    assert {concept["id"]: outline(concept) for concept in concepts} == {
        "virtualization": {
            "virtualization_types": {
                "server": [],
                "network": ["kubernetes", "openstack"],
                "desktop": [],
                "application": ["office-365"],
                "storage": ["nas"],
                "library": ["wine"],
                "container": ["docker"],
            },
            "hypervisor_types": {},
        },
        "virtual-machine": {"virtualization_types": {}, "hypervisor_types": {}},
        "hypervisor": {
            "virtualization_types": {},
            "hypervisor_types": {
                "bare-metal": ["kvm", "xen", "vmware-esxi", "rhev-hypervisor", "hyper-v-server"],
                "hosted": ["vmware-workstation", "hyper-v", "virtualbox", "parallels-desktop"],
            },
        },
    }


def test_the_entries_of_the_tree_are_the_full_records(client):
    hypervisor = client.get("/taxonomy?lang=zh").json()["concepts"][2]

    assert (
        hypervisor["hypervisor_types"][0]["hypervisors"]
        == (client.get("/hypervisors?type=bare-metal&lang=zh").json()["items"])
    )
    assert hypervisor | {"virtualization_types": [], "hypervisor_types": []} == (
        client.get("/concepts/hypervisor?lang=zh").json() | {"virtualization_types": [], "hypervisor_types": []}
    )
