"""Makes the samples of this folder, with the programs that people's mail really passes through.

Needs openssl, gpg, uuencode (sharutils), zip, qpdf and the Python packages compressed_rtf, olefile and
extract_msg; the last two read what is written here of Outlook's messages. Keys are made for the occasion
and thrown away, so each run gives other bytes; the tests do not depend on them. With names of samples
after the command, only those are written.
"""

import base64
import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

import extract_msg
import olefile
from compressed_rtf import compress

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = (
    "Return-Path: <{0}>\r\nDelivered-To: info@divikeys.com\r\nFrom: {1} <{0}>\r\nTo: info@divikeys.com\r\n"
    "Subject: {2}\r\nMessage-ID: <{3}@mail.example>\r\nDate: Tue, 03 Nov 2026 10:20:00 +0100\r\n"
    "MIME-Version: 1.0\r\n"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
WORDS = (
    "Bonjour,\r\n\r\nMon retrait de 480 euros du 12 octobre n'est toujours pas arrivé sur mon compte et "
    "personne ne me répond. Je demande son versement.\r\n\r\nCordialement,\r\nSolène Marchand\r\n06 12 34 56 78\r\n"
)


def save(name, head, rest):
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    data = head.encode() + (rest if isinstance(rest, bytes) else rest.encode())
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)


def head(subject="Reclamation", who="Solène Marchand", address="solene.marchand@mail.example", ident="x"):
    word = "=?UTF-8?B?" + base64.b64encode(who.encode()).decode() + "?="
    return HEAD.format(address, word, subject, ident)


def text_part(text):
    return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text


def file_part(kind, disposition, data):
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {disposition}\r\n\r\n" + (
        base64.encodebytes(data).decode().replace("\n", "\r\n")
    )


def mixed(*parts):
    lines = "".join(f"--=_b\r\n{part}\r\n" for part in parts)
    return 'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n' + lines + "--=_b--\r\n"


# MS-OXTNEF §2.1.3


def attribute(level, ident, data):
    return struct.pack("<BII", level, ident, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def prop(kind, ident, data):
    if kind in (0x0003, 0x000B):
        return struct.pack("<HHI", kind, ident, data)
    if kind == 0x001F:
        data = data.encode("utf-16le") + b"\0\0"
    return struct.pack("<HHII", kind, ident, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def named(name, text):
    """A property with a name, as Outlook adds dozens."""
    name = name.encode("utf-16le") + b"\0\0"
    value = text.encode("utf-16le") + b"\0\0"
    guid = bytes.fromhex("2903020000000000c000000000000046")
    return (
        struct.pack("<HH", 0x001F, 0x8001) + guid + struct.pack("<II", 1, len(name)) + name + b"\0" * (-len(name) % 4)
        + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    )


def props(*each):
    return struct.pack("<I", len(each)) + b"".join(each)


def winmail(message, files):
    out = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    out += attribute(1, 0x00069007, struct.pack("<II", 1252, 0)) + attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
    out += attribute(1, 0x00069003, message)
    for title, data, more in files:
        out += attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
        out += attribute(2, 0x00018010, title.encode("cp1252") + b"\0") + attribute(2, 0x0006800F, data)
        out += attribute(2, 0x00069005, more)
    return out


WINMAIL_NAME = 'attachment; filename="winmail.dat"'
html = (
    "<html><body><p>Bonjour,</p><p>Mon retrait de 480 euros du 12 octobre n'est toujours pas arriv&eacute;.</p>"
    '<img src="cid:image001.png@01DC"></body></html>'
)
files = [
    ("RELEVE~1.PDF", PDF, props(prop(0x0003, 0x3705, 1), prop(0x001F, 0x3707, "Relevé d’octobre 2026.pdf"), prop(0x001F, 0x370E, "application/pdf"))),
    ("facture.pdf.exe", b"MZ" + b"\0" * 100, props(prop(0x001F, 0x3704, "FACTUR~1.EXE"), prop(0x001F, 0x3707, "facture.pdf.exe"))),
    ("image001.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 900, props(prop(0x001F, 0x3707, "image001.png"), prop(0x001F, 0x3712, "image001.png@01DC"), prop(0x000B, 0x7FFE, 1))),
]
message = props(prop(0x0003, 0x3FDE, 65001), named("Keywords", "Divers"), prop(0x0102, 0x1013, html.encode()))
save("winmail.eml", head(ident="tnef"), mixed(text_part("\r\n"), file_part("application/ms-tnef", WINMAIL_NAME, winmail(message, files))))

rtf = (
    rb"{\rtf1\ansi\ansicpg1252\fromtext \fbidi \deff0{\fonttbl{\f0\fswiss Arial;}}"
    rb"{\colortbl\red0\green0\blue0;}\uc1\pard\plain\deftab360 \f0\fs20 Bonjour,\par \par "
    rb"Mon virement de 75 \u8364? a \'e9t\'e9 refus\'e9 deux fois, je conteste les frais.\par \par Karim Benali\par }"
)
body = winmail(props(prop(0x0102, 0x1009, compress(rtf, compressed=True))), [])
save("winmail-rtf.eml", head(ident="rtf"), file_part('application/ms-tnef; name="winmail.dat"', WINMAIL_NAME, body))

# uuencode and yEnc

encoded = subprocess.run(["uuencode", "relevé octobre.pdf"], input=PDF, capture_output=True, check=True).stdout.decode()
note = "Bonjour,\r\n\r\nVoici mon relevé : le virement de 300 euros n'y est pas.\r\n\r\n"
save("uuencode.eml", head(ident="uu"), text_part(note + encoded.replace("\n", "\r\n") + "\r\nJe begin 644 à perdre patience.\r\nSolène Marchand\r\n"))

critical = {0, 10, 13, 61}
picture = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 2
shifted = [(byte + 42) % 256 for byte in picture]
escaped = [bytes([61, (byte + 64) % 256]) if byte in critical else bytes([byte]) for byte in shifted]
lines = b"\r\n".join(b"".join(escaped[at : at + 128]) for at in range(0, len(escaped), 128))
yenc = b"=ybegin line=128 size=%d name=photo du recu.jpg\r\n%s\r\n=yend size=%d\r\n" % (len(picture), lines, len(picture))
save("yenc.eml", head(ident="yenc"), text_part("Voici la photo du recu.\r\n").encode() + yenc + b"Merci de me rembourser.\r\n")

# S/MIME and PGP

inner = mixed(text_part(WORDS), file_part("application/pdf", 'attachment; filename="releve.pdf"', PDF)).encode()
with tempfile.TemporaryDirectory() as work:
    def run(*command, data=None):
        return subprocess.run(command, input=data, capture_output=True, check=True, cwd=work, env={**os.environ, "GNUPGHOME": work}).stdout

    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=Test", "-days", "9")
    signer = ["-signer", "c", "-inkey", "k", "-binary"]
    for name, command in [
        ("smime-opaque", ["openssl", "smime", "-sign", "-nodetach", "-outform", "DER", *signer]),
        ("smime-opaque-streamed", ["openssl", "cms", "-sign", "-nodetach", "-stream", "-outform", "DER", *signer]),
        ("smime-encrypted", ["openssl", "smime", "-encrypt", "-binary", "-aes256", "-outform", "DER", "c"]),
    ]:
        kind = "enveloped-data" if "encrypted" in name else "signed-data"
        part = file_part(f'application/pkcs7-mime; smime-type={kind}; name="smime.p7m"', 'attachment; filename="smime.p7m"', run(*command, data=inner))
        save(name + ".eml", head(ident=name), part)
    signed = run("openssl", "smime", "-sign", *signer, data=inner).decode()
    # A mail is attached within the envelope.
    forwarded = mixed(text_part("Voir ci-joint.\r\n"), "Content-Type: message/rfc822\r\n\r\n" + head("Virement manquant", "Paul Étienne", "paul.etienne@autre.example") + text_part(WORDS))
    sealed = run("openssl", "smime", "-sign", "-nodetach", "-outform", "DER", *signer, data=forwarded.encode())
    save("smime-opaque-mail.eml", head(ident="smime-mail"), file_part('application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', 'attachment; filename="smime.p7m"', sealed))
    save("smime-signed.eml", head(ident="signed").replace("MIME-Version: 1.0\r\n", ""), signed)

    run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", "Test <test@mail.example>", "default", "default", "1d")
    clear = run("gpg", "--batch", "--clearsign", data=WORDS.encode()).decode()
    save("pgp-clearsigned.eml", head(ident="pgps"), text_part(clear))
    secret = run("gpg", "--batch", "--trust-model", "always", "-a", "-e", "-r", "test@mail.example", data=WORDS.encode()).decode()
    save("pgp-inline-encrypted.eml", head(ident="pgpe"), text_part(secret))
    detached = run("gpg", "--batch", "-a", "--detach-sign", data=WORDS.encode()).decode()
    parts = f'--=_s\r\n{text_part(WORDS)}\r\n--=_s\r\nContent-Type: application/pgp-signature; name="signature.asc"\r\n\r\n{detached}\r\n--=_s--\r\n'
    save("pgp-signed.eml", head(ident="pgpm"), f'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary="=_s"\r\n\r\n{parts}')

    with open(os.path.join(work, "releve.pdf"), "wb") as file:
        file.write(PDF)
    run("zip", "-q", "-P", "secret", "chiffre.zip", "releve.pdf")
    with open(os.path.join(work, "chiffre.zip"), "rb") as file:
        encrypted = file.read()

# Attached mails

complaint = head("Virement manquant", "Paul Étienne", "paul.etienne@autre.example", "inner") + mixed(
    text_part(WORDS.replace("Solène Marchand", "Paul Étienne")), file_part("application/pdf", 'attachment; filename="releve.pdf"', PDF)
).replace("=_b", "=_i")
save("attached-mail.eml", head("TR: Virement manquant", ident="fwd"), mixed(text_part("Bonjour,\r\n\r\nVoir ci-joint.\r\n"), "Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + complaint))
save("attached-eml-file.eml", head("TR: Virement manquant", ident="eml"), mixed(text_part("pour info\r\n"), file_part("application/octet-stream", 'attachment; filename="Virement manquant.eml"', complaint.encode())))

# Archives


def zipped(names, large=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            with archive.open(name, "w", force_zip64=large) as file:
                file.write(PDF)
    return out.getvalue()


tape = io.BytesIO()
with tarfile.open(fileobj=tape, mode="w", format=tarfile.GNU_FORMAT) as archive:
    for name in ["releve.pdf", "d" * 120 + "/lisez-moi.exe"]:
        entry = tarfile.TarInfo(name)
        entry.size = len(PDF)
        archive.addfile(entry, io.BytesIO(PDF))
nested = zipfile.ZipFile(buffer := io.BytesIO(), "w")
nested.writestr("dedans.zip", zipped(["a.pdf"]))
nested.close()
bomb = io.BytesIO()
with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("zeros.bin", b"\0" * 60_000_000)
archives = [
    ("documents.zip", zipped(["releve.pdf", "photo.jpg"])),
    ("grand.zip", zipped(["releve.pdf"], large=True)),
    ("chiffre.zip", encrypted),
    ("double.zip", buffer.getvalue()),
    ("gonfle.zip", bomb.getvalue()),
    ("programme.zip", zipped(["releve.pdf", "sous/lire.pdf.exe"])),
    ("macros.docx", zipped(["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"])),
    ("lettre.docx", zipped(["[Content_Types].xml", "word/document.xml", "word/embeddings/oleObject1.bin"])),
    ("bande.tar", tape.getvalue()),
]
save("archives.eml", head(ident="zip"), mixed(text_part(WORDS), *(file_part("application/octet-stream", f'attachment; filename="{name}"', data) for name, data in archives)))

# Outlook's messages: MS-CFB, MS-OXMSG


def sectors(data, size=512):
    return [data[at : at + size].ljust(size, b"\0") for at in range(0, len(data), size)]


def compound(root):
    """A compound file: bytes are a stream, a dictionary is a storage."""
    entries = []

    def add(name, thing, kind):
        me = len(entries)
        entries.append([name, kind, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, thing])
        if isinstance(thing, dict):
            ids = [add(name, thing[name], 2 if isinstance(thing[name], bytes) else 1) for name in sorted(thing, key=lambda name: (len(name), name.upper()))]

            def tree(ids):
                if not ids:
                    return 0xFFFFFFFF
                middle = len(ids) // 2
                entries[ids[middle]][2:4] = tree(ids[:middle]), tree(ids[middle + 1 :])
                return ids[middle]

            entries[me][4] = tree(ids)
        return me

    add("Root Entry", root, 5)
    body, fat, small, small_fat = [], [], b"", []

    def chain(data):
        if not data:
            return 0xFFFFFFFE
        start, pieces = len(body), sectors(data)
        fat.extend([*range(start + 1, start + len(pieces)), 0xFFFFFFFE])
        body.extend(pieces)
        return start

    places = {}
    for me, (_, kind, *_, thing) in enumerate(entries):
        if kind == 2 and len(thing) >= 4096:
            places[me] = chain(thing), len(thing)
        elif kind == 2:
            start, count = len(small_fat), -(-len(thing) // 64)
            small_fat.extend([*range(start + 1, start + count), 0xFFFFFFFE] if count else [])
            small += thing + b"\0" * (-len(thing) % 64)
            places[me] = (start if count else 0xFFFFFFFE), len(thing)
    places[0] = chain(small), len(small)
    small_start = chain(struct.pack(f"<{len(small_fat)}I", *small_fat))
    directory = b""
    for me, (name, kind, left, right, child, _) in enumerate(entries):
        wide = name.encode("utf-16le") + b"\0\0"
        start, size = places.get(me, (0, 0))
        directory += wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, left, right, child)
        directory += b"\0" * 36 + struct.pack("<IQ", start, size)
    directory += (b"\0" * 68 + b"\xff" * 12 + b"\0" * 48) * (-len(entries) % 4)
    directory_start = chain(directory)
    tables = 1
    while (len(fat) + tables) > tables * 128:
        tables += 1
    first = len(body)
    fat += [0xFFFFFFFD] * tables
    fat += [0xFFFFFFFF] * (-len(fat) % 128)
    body += sectors(struct.pack(f"<{len(fat)}I", *fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory_start)
    header += struct.pack("<IIIIII", 0, 4096, small_start, -(-len(small_fat) // 128), 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *([*range(first, first + tables)] + [0xFFFFFFFF] * (109 - tables)))
    return header + b"".join(body)


def outlook_storage(values, before):
    """The streams of properties, by their id and type; numbers stand in the list itself."""
    streams, fixed = {}, b"\0" * before
    for (ident, kind), value in values.items():
        if isinstance(value, int):
            fixed += struct.pack("<HHIQ", kind, ident, 6, value)
            continue
        if isinstance(value, str):
            value = value.encode("utf-16le" if kind == 0x1F else "cp1252")
        streams[f"__substg1.0_{ident:04X}{kind:04X}"] = value
        length = 0xFFFFFFFF if isinstance(value, dict) else len(value) + {0x1F: 2, 0x1E: 1}.get(kind, 0)
        fixed += struct.pack("<HHIII", kind, ident, 6, length, 1 if isinstance(value, dict) else 0)
    return {**streams, "__properties_version1.0": fixed}


def outlook_message(values, files=(), before=24):
    storage = outlook_storage(values, before)
    for number, each in enumerate(files):
        storage[f"__attach_version1.0_#{number:08X}"] = outlook_storage({(0x0E21, 3): number, **each}, 8)
    if before == 32:
        count = struct.pack("<8xIIII8x", 0, len(files), 0, len(files))
        storage["__properties_version1.0"] = count + storage["__properties_version1.0"][32:]
        storage["__nameid_version1.0"] = {f"__substg1.0_{ident:04X}0102": b"" for ident in (2, 3, 4)}
    return storage


def outlook_file(name, data, **more):
    return {(0x3705, 3): 1, (0x3701, 0x0102): data, (0x3707, 0x1F): name, (0x3704, 0x1F): name[:6] + "~1" + name[-4:], **more.get("more", {})}


def embedded(subject, storage):
    return {(0x3705, 3): 5, (0x3001, 0x1F): subject, (0x3701, 0x000D): storage}


TEXT = WORDS.replace("Solène Marchand", "Paul Étienne")
FIELDS = (
    "Received: from mx.autre.example by mx.example; Mon, 2 Nov 2026 18:00:00 +0100\r\nFrom: Paul =?utf-8?Q?=C3=89tienne?= "
    "<paul.etienne@autre.example>\r\nTo: solene.marchand@mail.example\r\nSubject: Virement manquant\r\n"
    "Date: Mon, 2 Nov 2026 17:59:00 +0100\r\n"
)
older = outlook_message(
    {(0x001A, 0x1F): "IPM.Note", (0x0037, 0x1F): "Re: dossier", (0x0C1A, 0x1F): "Paul Étienne", (0x1000, 0x1F): "Voici la photo du reçu.\r\n"},
    [outlook_file("photo.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 5000)],
)
letter = {
    (0x001A, 0x1F): "IPM.Note", (0x0037, 0x1F): "Virement manquant", (0x007D, 0x1F): FIELDS, (0x0042, 0x1F): "Paul Étienne",
    (0x0064, 0x1F): "SMTP", (0x0065, 0x1F): "paul.etienne@autre.example", (0x340D, 3): 0x40000, (0x3FDE, 3): 65001,
}
page = "<html><body>" + "".join(f"<p>{line}</p>" for line in TEXT.split("\r\n\r\n")) + "<img src='cid:image001.png@01DC'></body></html>"
logo = outlook_file("image001.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 900, more={(0x3712, 0x1F): "image001.png@01DC", (0x370E, 0x1F): "image/png"})
releve = outlook_file("Relevé d’octobre.pdf", PDF)
rtf_text = b"".join(bytes([byte]) if byte < 128 else b"\\'%02x" % byte for byte in TEXT.replace("\r\n", "\\par ").encode("cp1252"))
object_storage = {"\1Ole10Native": b"\x10\0\0\0MZ", "\1CompObj": b"\0" * 40}
messages = {
    "plain": compound(outlook_message({**letter, (0x1000, 0x1F): TEXT}, [releve, logo, embedded("Re: dossier", older)], 32)),
    "html": compound(outlook_message({**letter, (0x1013, 0x0102): page.encode()}, [releve, logo], 32)),
    # A draft in a codepage: nobody sent it, and its author has no address of the internet.
    "rtf": compound(outlook_message(
        {
            (0x001A, 0x1E): "IPM.Note", (0x0037, 0x1E): "Réclamation", (0x0C1A, 0x1E): "Paul Étienne", (0x0C1F, 0x1E): "/O=AUTRE/CN=PAUL",
            (0x3FFD, 3): 1252, (0x1009, 0x0102): compress(rb"{\rtf1\ansi\ansicpg1252\fromtext \fbidi \deff0{\fonttbl{\f0\fswiss Arial;}}\uc1\pard\plain\deftab360 \f0\fs20 " + rtf_text + b"}", compressed=True),
        },
        [], 32,
    )),
    "dangerous": compound(outlook_message(
        {**letter, (0x1000, 0x1F): TEXT},
        [
            outlook_file("facture.pdf.exe", b"MZ" + b"\0" * 100),
            {(0x3705, 3): 6, (0x3001, 0x1F): "Objet", (0x3701, 0x000D): object_storage},
            {(0x3705, 3): 7, (0x3707, 0x1F): "Tableau.xlsx", (0x370D, 0x1F): "https://example.com/Tableau.xlsx"},
            embedded("TR: lisez", outlook_message({(0x001A, 0x1F): "IPM.Note", (0x0037, 0x1F): "TR: lisez"}, [outlook_file("lire.js", b"x")])),
        ],
        32,
    )),
    # What was signed is in there as it came, and nothing beside it.
    "signed": compound(outlook_message(
        {**letter, (0x001A, 0x1F): "IPM.Note.SMIME.MultipartSigned"},
        [{(0x3705, 3): 1, (0x370E, 0x1F): "multipart/signed", (0x3707, 0x1F): "smime.p7m", (0x3701, 0x0102): signed.replace("\r\n", "\n").replace("\n", "\r\n").encode()}],
        32,
    )),
}
for data in messages.values():
    assert olefile.OleFileIO(data).exists("__properties_version1.0")
    # What a program of other people reads in it.
    with extract_msg.openMsg(data, errorBehavior=extract_msg.enums.ErrorBehavior.ATTACH_SUPPRESS_ALL) as read:
        assert read.subject in ("Virement manquant", "Réclamation") and "Paul Étienne" in read.sender, (read.subject, read.sender)
        text = read.body or read.htmlBody.decode()
        assert "480 euros du 12 octobre n'est toujours pas arrivé" in text, text
        for each in read.attachments:
            print("extract_msg:", type(each).__name__, each.longFilename or each.name)
for name, data in messages.items():
    title = f'attachment; filename="{"Virement manquant" if name != "rtf" else "brouillon"}.msg"'
    kind = "application/vnd.ms-outlook" if name != "html" else "application/octet-stream"
    note = "Bonjour,\r\n\r\nVoir ci-joint.\r\n"
    save(f"msg-{name}.eml", head("TR: Virement manquant", ident=f"msg-{name}"), mixed(text_part(note), file_part(kind, title, data)))

deep = outlook_message({(0x001A, 0x1F): "IPM.Note", (0x0037, 0x1F): "fond"}, [outlook_file("fond.exe", b"MZ")])
for level in range(10):
    deep = outlook_message({(0x001A, 0x1F): "IPM.Note", (0x0037, 0x1F): f"niveau {level}"}, [embedded("x", deep)], 32 if level == 9 else 24)
title = 'attachment; filename="niveau 9.msg"'
save("msg-deep.eml", head(ident="msg-deep"), mixed(text_part("Voir ci-joint.\r\n"), file_part("application/vnd.ms-outlook", title, compound(deep))))

inner = props(
    prop(0x001F, 0x0037, "Virement manquant"), prop(0x001F, 0x0C1A, "Paul Étienne"), prop(0x001F, 0x5D01, "paul.etienne@autre.example"), prop(0x001F, 0x1000, TEXT)
)
interface = bytes.fromhex("0703020000000000c000000000000046")
tnef = winmail(inner, [("releve.pdf", PDF, props(prop(0x001F, 0x3707, "releve.pdf")))])
body = winmail(props(), [("Virement manquant", b"", props(prop(0x0003, 0x3705, 5), prop(0x001F, 0x3001, "Virement manquant"), prop(0x000D, 0x3701, interface + tnef)))])
save("winmail-message.eml", head("TR: Virement manquant", ident="tnefmsg"), mixed(text_part("Voir ci-joint.\r\n"), file_part("application/ms-tnef", WINMAIL_NAME, body)))

# PDFs


def pdf(*objects):
    """The objects, of which the first is the catalogue, as a file with its table."""
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(out))


def stream(dictionary, data):
    return b"<<%s/Length %d>>\nstream\n" % (dictionary, len(data)) + data + b"\nendstream"


def packed(content, dictionary=b"/Filter/FlateDecode", squeeze=zlib.compress):
    """One object in an object stream, which no table points at."""
    data = squeeze(b"5 0 " + content)
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, stream(b"/Type/ObjStm/N 1/First 4" + dictionary, data))


def up(data, columns=8):
    data += b" " * (-len(data) % columns)
    rows, above = b"", bytes(columns)
    for at in range(0, len(data), columns):
        row = data[at : at + columns]
        rows += b"\2" + bytes((a - b) % 256 for a, b in zip(row, above))
        above = row
    return zlib.compress(rows)


def qpdf(data, *options):
    with tempfile.TemporaryDirectory() as work:
        source, target = os.path.join(work, "in.pdf"), os.path.join(work, "out.pdf")
        with open(source, "wb") as file:
            file.write(data)
        for name, content in [("facture.exe", b"MZ"), ("factur-x.xml", b"<x/>")]:
            with open(os.path.join(work, name), "wb") as file:
                file.write(content)
        subprocess.run(["qpdf", source, *options, "--object-streams=generate", target], check=True, cwd=work)
        with open(target, "rb") as file:
            return file.read()


PAGES, PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
quiet = pdf(b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE)
acting = b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>"
script = pdf(acting, PAGES, PAGE, b"<</S/JavaScript/JS(app.alert(1))>>")
pdfs = [
    ("releve.pdf", qpdf(quiet)),
    ("script.pdf", qpdf(script)),
    ("lance.pdf", qpdf(pdf(acting, PAGES, PAGE, b"<</S/Launch/F(cmd.exe)>>"))),
    ("rendu.pdf", qpdf(pdf(acting, PAGES, PAGE, b"<</S/Rendition/OP 0/JS(app.alert(1))>>"))),
    ("facture.pdf", qpdf(quiet, "--add-attachment", "factur-x.xml", "--")),
    ("joint.pdf", qpdf(quiet, "--add-attachment", "facture.exe", "--")),
    ("chiffre.pdf", qpdf(script, "--encrypt", "", "secret", "256", "--")),
    ("echappe.pdf", pdf(acting, PAGES, PAGE, b"<</S/J#61vaScript/#4a#53(app.alert(1))>>")),
    ("predit.pdf", packed(b"<</S/JavaScript/JS(x)>>", b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8>>", up)),
    ("emballe.pdf", packed(b"<</S/JavaScript>>", b"/Filter[/ASCIIHexDecode/FlateDecode]", lambda data: zlib.compress(data).hex().encode() + b">")),
    ("gonfle.pdf", packed(b" " * 3_000_000)),
]
for name, data in pdfs:
    assert name == "releve.pdf" or not any(word in data for word in (b"/JavaScript", b"/JS", b"/Launch", b".exe")), name
save("pdf.eml", head(ident="pdf"), mixed(text_part(WORDS), *(file_part("application/pdf", f'attachment; filename="{name}"', data) for name, data in pdfs)))
