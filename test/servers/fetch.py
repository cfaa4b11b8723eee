# What Node has no part for: https through the machine's proxies, Maven's settings file, zip and tar.
#   fetch.py maven PATH FILE    a file of Maven's repository, from the mirror that the settings name
#   fetch.py unpack FILE DIR    a .tar.gz or a wheel
#   fetch.py trust FILE         a Java trust store of the certificates that this machine trusts
# Only the standard library; nothing here decides what is fetched.
import hashlib
import os
import shutil
import ssl
import stat
import struct
import sys
import tarfile
import urllib.request
import xml.etree.ElementTree as ElementTree
import zipfile

CENTRAL = "https://repo.maven.apache.org/maven2"


def settings():
    """The user's Maven settings without their XML namespace, or None."""
    path = os.path.expanduser("~/.m2/settings.xml")
    if not os.path.exists(path):
        return None
    root = ElementTree.parse(path).getroot()
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root


def repository(root):
    for mirror in [] if root is None else root.iter("mirror"):
        of = [part.strip() for part in (mirror.findtext("mirrorOf") or "").split(",")]
        if "!central" not in of and any(part in ("*", "central", "external:*") for part in of):
            return (mirror.findtext("url") or CENTRAL).strip().rstrip("/")
    return CENTRAL


def proxies(root):
    """Those of the environment, else the first active one of the Maven settings."""
    found = urllib.request.getproxies()
    for proxy in [] if root is None or "https" in found else root.iter("proxy"):
        if (proxy.findtext("active") or "true").strip() == "true":
            address = "http://%s:%s" % (proxy.findtext("host"), proxy.findtext("port") or "8080")
            return {"http": address, "https": address}
    return found


def maven(path, target):
    root = settings()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies(root)))
    url = repository(root) + "/" + path
    try:
        with opener.open(url, timeout=60) as reply, open(target, "wb") as out:
            shutil.copyfileobj(reply, out)
    except OSError as error:
        sys.exit("could not fetch %s: %s" % (url, error))


def unpack(archive, folder):
    os.makedirs(folder, exist_ok=True)
    if archive.endswith(".tar.gz"):
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
        return
    with zipfile.ZipFile(archive) as wheel:
        wheel.extractall(folder)
        for name in wheel.namelist():
            # Zip readers of Python drop the permissions; programs must stay executable.
            if "/bin/" in name or "jspawnhelper" in name or "/scripts/" in name:
                path = os.path.join(folder, name)
                os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR | stat.S_IXGRP)


def trust(target):
    """A fetched Java brings its own list of authorities; a company's proxy is only in the machine's."""
    context = ssl.create_default_context()
    if not context.get_ca_certs() and os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
        context.load_verify_locations("/etc/ssl/certs/ca-certificates.crt")
    certificates = context.get_ca_certs(binary_form=True)
    store = struct.pack(">III", 0xFEEDFEED, 2, len(certificates))
    for number, der in enumerate(certificates):
        alias, kind = b"ca%d" % number, b"X.509"
        store += struct.pack(">IH", 2, len(alias)) + alias + struct.pack(">Q", 0)
        store += struct.pack(">H", len(kind)) + kind + struct.pack(">I", len(der)) + der
    # The JKS format ends with a salted digest that stands in for a signature.
    digest = hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + store).digest()
    with open(target, "wb") as out:
        out.write(store + digest)


{"maven": maven, "unpack": unpack, "trust": trust}[sys.argv[1]](*sys.argv[2:])
