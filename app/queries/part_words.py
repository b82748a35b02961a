"""The words by which `parts` reads a value: what may stand behind, before and between names."""

import re

CPE = re.compile(r"cpe:(?:2\.3:|/)([aho]):([^:]+):([^:]+)(?::.*)?", re.IGNORECASE)
LIBVIRT = re.compile(r"([a-z]+)(?:\+[a-z]+)?://", re.IGNORECASE)
OURS = re.compile(r"(?:.*[/:])?([a-z-]+)/([^/?#]+)")
# What neofetch prints for the machines of QEMU.
NEOFETCH = re.compile(r"(KVM)/QEMU( \(Standard PC\b.*\))")
PROGRAM = re.compile(r"/(?:[\w.-]+/)*(?:s?bin|libexec)/([\w.-]+)")
# The line by which Linux logs the firmware: system vendor and product, board, and the version and date of the BIOS.
FIRMWARE = re.compile(r"(?:DMI: |Hardware name: )?(.+?)(?:/([^/]+))?, BIOS (\S.*)")
# The words that may follow a name: versions, builds and editions, and what the thing is or does there.
NUMBER = (
    r"(?:(?:version|release(?: ?build)?|build|update|patch|service pack|ver\.?|rel\.?)[-_.: ]?|"
    r"(?:sp|rc|cu|ep|gen) ?|[vur])?\d[\w.+~:-]*"
)
HASH = "build[ :]+[0-9a-f]{6,}|(?<=/)[0-9a-f]{8,}"
SINCE = "(?:or|and) (?:higher|later|newer|above)"
EDITION = (
    "edition|enterprise(?: plus)?|essentials(?: plus)?|standard|advanced|professional|pro(?: ?plus)?|premium|full|free|"
    "datacenter|community|[ce]e|ltsr?|staging|stable|beta|alpha|preview|nightly|trial|evaluation|licen[cs]es?|subscription|business|[ef][1-5]|"
    "(?:per|for 1) (?:cpu|socket|core|processor)|for (?:mac|linux|windows)|x64|x86_64|amd64|arm64|uefi"
)
MAKER = r"(?:vmware|citrix systems|red hat),? inc\.?|(?:microsoft|oracle) corporation"
ROLE = (
    r"(?:hosts?|guests?|vms?|nodes?)\d*|containers?|hypervisors?|virtual machines?|architecture|platform|clusters?|"
    r"dashboard|worker|control plane|based|hvm|pvh?|dom0|domu|paravirtual(?:i[sz]ation|i[sz]ed)?|root partition|"
    r"emulator|(?<=\d )server"
)
# A system on which it runs.
DISTRIBUTION = "windows(?: server)?|ubuntu|debian|centos|fedora|rhel"
# A part of the product, by which a scanner or an inventory names it.
COMPONENT = (
    "(?:(?:remote|rest|json|web) ?)?api(?: (?:server|daemon))?|https?(?: (?:config|admin|interface|redirect))?|httpd|"
    "web (?:ui|console|interface|administration|service)|ui|telnetd|rtspd|remote (?:desktop service|control)|agent|"
    "portal|manager|instance|service|interface|headless|guest additions|extension pack|appliance|daemon|"
    "controller|master"
)
CHINESE_ROLE = (
    "架构|主机|云平台|私有云|平台|容器|虚拟机(?:监控器|监视器|管理程序|管理器|监控程序)?|虚拟化|技术|软件|环境|集群|节点|服务器|引擎|运行时|及?以上(?:版本)?|[及或]更高版本|型|式|"
    "(?<=虚拟化)(?:系统|设备|产品|方案|解决方案|服务)"
)
# With these, the words for components name other things: a KVM console, a wine portal, an instance of Amazon RDS.
OTHER_THINGS = ("kvm", "wine", "rds")
# A run of separators counts from its beginning only, so that a long one takes no longer than it is.
FOLLOWS = (
    rf"(?<=[^\s,;([/_-])[\s,;([/_-]++(?:{NUMBER}|{HASH}|{SINCE}|{EDITION}|{MAKER}|{ROLE}|{DISTRIBUTION}|"
    rf"(?P<component>{COMPONENT}))[]),;]*$"
)
FOLLOWING = re.compile(FOLLOWS)
CHINESE_FOLLOWING = re.compile(
    rf"{FOLLOWS}|(?:(?:(?<=[^\s(（])[\s(（]++)?的?(?:{CHINESE_ROLE})|(?<=[^\x00-\x7f])(?:{NUMBER}|{ROLE}))[)）]*$",
    re.IGNORECASE,
)
# What the title of a page says before the name of what it belongs to, and what a line of an inventory does.
GREETING = re.compile(
    r"(?:(?:(?:log|sign)[ -]?in(?: to)?|welcome to)\b\s*[-:|]?"
    r"|(?:hypervisor|virtualization)(?: (?:type|platform|software|detected))?\s*(?:[:=|]|\s-\s)"
    r"|booting paravirtualized kernel on|detected virtualization"
    r"|虚拟化(?:类型|软件|平台|技术)?\s*[:：])\s*",
    re.IGNORECASE,
)
# What says more about a product whose name precedes it: where it runs, or what it is for.
MORE = re.compile(r"\s+(?=(?:(?:based|running|installed) )?(?:on|with|for|at)\s)|\s*(?=[(（].*[)）]$)", re.IGNORECASE)
JOINT = re.compile(r",?\s+(?:on|with|and|or|over|[-:])\s+|\s*[+/&|、，；]\s*|[,;]\s+|\s*[()（）]\s*", re.IGNORECASE)
# An operating system says nothing about what runs on it.
OF_SYSTEM = (
    rf"(?:(?:microsoft )?(?:win|{DISTRIBUTION})|(?:[a-z]+ )?linux|red hat enterprise linux|macos|mac os x|freebsd)"
    rf"(?:[\s,-]+(?:{NUMBER}|{EDITION}|server|desktop|gnu/linux))*"
)
# Nor does a tool that uses what it is named with, or that it is a machine.
SYSTEM = re.compile(
    rf"{OF_SYSTEM}|(?:libvirt|vagrant|virt-manager)(?: {NUMBER})?|(?:physical )?(?:server|host|machine)|"
    "物理服务器|物理机|宿主机|服务器|主机",
    re.IGNORECASE,
)
# What precedes a name without changing what it means: the system on which it runs, or who sells it. Other makers of
# computers sell what is called KVM, and Citrix and Oracle what is made of Xen.
BEFORE = re.compile(
    rf"(?:{OF_SYSTEM}|vmware(?: vsphere| by broadcom)?|broadcom|microsoft|red hat|suse)[\s,:-]+(?=\S)|"
    r"(?:hpe?|dell(?: emc)?|lenovo|cisco|fujitsu|supermicro)(?: custom(?:ized)?)? (?!kvm\b)|(?:基于|采用|使用) ?",
    re.IGNORECASE,
)
# A suite that is named together with what belongs to it.
SUITE = re.compile("(?:vmware )?vsphere", re.IGNORECASE)
# What a node of Kubernetes reports as its runtime.
RUNTIME = re.compile(r"([a-z][a-z-]+)://(\d[\w.+~-]*)", re.IGNORECASE)
# The services and the releases of OpenStack, and what may stand between them.
OPENSTACK = re.compile(
    rf"(OpenStack)((?:[\s,/_-]+(?:{NUMBER}|{ROLE}|{COMPONENT}|{SINCE}|release|cloud|identity|compute|networking|"
    "load balancer|lbaas|keystone|glance|cinder|nova|neutron|swift|horizon|heat|ironic|magnum|octavia|barbican|"
    "designate|manila|ceilometer|placement|"
    "austin|bexar|cactus|diablo|essex|folsom|grizzly|havana|icehouse|juno|kilo|liberty|mitaka|newton|ocata|pike|queens|"
    "rocky|stein|train|ussuri|victoria|wallaby|xena|yoga|zed|antelope|bobcat|caracal|dalmatian|epoxy|flamingo))+)",
    re.IGNORECASE,
)
# A field of lscpu, dmidecode, systeminfo, hostnamectl, Facter or Ansible, and its scheme.
LABELED = re.compile(r"([A-Za-z_ ]+?) ?(?:=>|[:=]) ?[\"']?(.+?)[\"']?,?")
LABELS = {
    "hypervisor vendor": "lscpu-hypervisor-vendor",
    "hypervisor": "lscpu-hypervisor",
    "virtualization": "systemd-detect-virt",
    "manufacturer": "dmi-sys-vendor",
    "system manufacturer": "dmi-sys-vendor",
    "product name": "dmi-product-name",
    "system model": "dmi-product-name",
    "virtual": "facter-virtual",
    "virt_type": "libvirt-domain-type",
    "virtualization_type": "ansible-virtualization-type",
    "ansible_virtualization_type": "ansible-virtualization-type",
    "control program": "proc-sysinfo-control-program",
}
KERNEL = re.compile(r"(?:Linux \S+ )?(\d+\.\d+\.\d+\S*)(?: #\d.*)?")
# A name and its translation or abbreviation.
BOTH = re.compile(
    r"([^()（）]+?)\s*[(（]([^()（）]+)[)）]|([^\x00-\x7f]+)\s*([A-Za-z][\w .-]*)|([A-Za-z][\w .-]*?)\s*([^\x00-\x7f]+)"
)
MICROSOFT = re.compile(r"^MS\b")
# The two kinds of hypervisor by their number, and the characters that number them.
KIND = re.compile(r"(?<=\btype)([ -]?)(ii?)\b", re.IGNORECASE)
CHINESE_KIND = re.compile(
    r"(?:第([一二])类|类型 ?([一二12])型?)(?= ?(?:虚拟|hypervisor))|(?<![A-Za-z0-9.])([ⅠⅡⅰⅱ]|ii?|[12] ?)型|([一二])型",
    re.IGNORECASE,
)
DIGITS = {"一": "1", "Ⅰ": "1", "ⅰ": "1", "i": "1", "二": "2", "Ⅱ": "2", "ⅱ": "2", "ii": "2", "1": "1", "2": "2"}
GLOSS = re.compile(r"(?<=[^\x00-\x7f])[(（][A-Za-z0-9 -]+[)）]([^\x00-\x7f])")
LEVEL = re.compile("(?<=.)(?:级别?|层)的?(?=虚拟化$)")
NO_LEVEL = re.compile("(?<=[^级])虚拟化$")
NEGATION = re.compile(r"\b(?:without|no|not|non|none|disabled|uninstalled|removed)\b|[非无未不]", re.IGNORECASE)
