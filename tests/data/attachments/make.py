"""Makes the samples of this folder, with the programs that people's mail really passes through.

Needs openssl, gpg, uuencode (sharutils), zip, qpdf and the Python package compressed_rtf. Keys are made
for the occasion and thrown away, so each run gives other bytes; the tests do not depend on them. With
names of samples after the command, only those are written.
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

# A message within winmail.dat

TEXT = WORDS.replace("Solène Marchand", "Paul Étienne")
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
