# Reads a checkpoint directory with struct and json alone and prints it as JSON: the layout is open to others.
import hashlib, json, os, struct, sys

FORMATS = {"F32": "f", "F64": "d", "I32": "i", "U32": "I", "U8": "B"}


def read_tensors(path):
    with open(path, "rb") as file:
        raw = file.read()
    (length,) = struct.unpack_from("<Q", raw)
    assert length % 8 == 0, "the numbers are aligned"
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        code = FORMATS[entry["dtype"]]
        assert begin % struct.calcsize(code) == 0, "each tensor is aligned"
        count = (end - begin) // struct.calcsize(code)
        values = struct.unpack_from("<%d%s" % (count, code), raw, begin)
        tensors[name] = {"shape": entry["shape"], "data": list(values)}
    return tensors


def read_texts(path):
    columns, texts = read_tensors(path), {}
    for key, column in columns.items():
        name, kind = key.rsplit("/", 1)
        if kind == "lengths":
            continue
        encoding = {"utf8": "utf-8", "utf16": "utf-16-le"}[kind]
        raw, begin, texts[name] = bytes(column["data"]), 0, []
        for length in columns[name + "/lengths"]["data"]:
            text = raw[begin : begin + length].decode(encoding, "surrogatepass")
            # Halves of a pair are joined again, as in any other text.
            texts[name].append(text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
            begin += length
    return texts


directory = sys.argv[1]
with open(os.path.join(directory, "manifest.json"), "rb") as file:
    page = file.read()
manifest = json.loads(page)
sealed = page[: page.rindex(b',\n  "seal"')]
assert hashlib.sha256(sealed).hexdigest() == manifest["seal"]
for entry in manifest["files"]:
    with open(os.path.join(directory, entry["name"]), "rb") as file:
        content = file.read()
    assert len(content) == entry["bytes"]
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
print(
    json.dumps(
        {
            "facts": manifest["facts"],
            "tensors": read_tensors(os.path.join(directory, "tensors.safetensors")),
            "texts": read_texts(os.path.join(directory, "texts.safetensors")),
        }
    )
)
