"""Questions as a package of QTI 2.1 items: one of several answers is right; formulas are MathML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, register_namespace

from ...render.formula import math
from ..mathml import Typesetter
from .moodle import written
from .questions import QuizQuestion

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
MATHML = "http://www.w3.org/1998/Math/MathML"
MATCH_CORRECT = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;")
"""The entities of HTML that XML does not know."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def qti_package(questions: Sequence[QuizQuestion]) -> bytes:
    """Return a zip file of an item for each question, and the manifest that names them.

    Source: IMS Question and Test Interoperability 2.1, Assessment Test, Section, and Item Information Model.
    """
    made = io.BytesIO()
    names = [f"item-{k}" for k in range(1, len(questions) + 1)]
    files = {f"{name}.xml": written(qti_item(x, name)) for name, x in zip(names, questions, strict=True)}
    files["imsmanifest.xml"] = written(_manifest(names))
    with zipfile.ZipFile(made, "w") as into:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            into.writestr(entry, text.encode())
    return made.getvalue()


def qti_item(asked: QuizQuestion, name: str) -> Element:
    """Return a question as an item called `name`."""
    register_namespace("m", MATHML)
    settings = {"identifier": name, "title": asked.name, "adaptive": "false", "timeDependent": "false"}
    item = Element("assessmentItem", {"xmlns": QTI, **settings, "xml:lang": asked.language})
    response = SubElement(
        item, "responseDeclaration", identifier="RESPONSE", cardinality="single", baseType="identifier"
    )
    SubElement(SubElement(response, "correctResponse"), "value").text = "right"
    score = SubElement(item, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    SubElement(SubElement(score, "defaultValue"), "value").text = "0"
    feedback = SubElement(
        item, "outcomeDeclaration", identifier="FEEDBACK", cardinality="single", baseType="identifier"
    )
    SubElement(SubElement(feedback, "defaultValue"), "value").text = "solution"
    body = SubElement(item, "itemBody")
    _append(body, f"<p>{asked.statement}</p>")
    choice = SubElement(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="true", maxChoices="1")
    _append(choice, f"<prompt>{asked.task}</prompt>")
    for identifier, latex in [("right", asked.right), *((f"wrong-{k}", x) for k, x in enumerate(asked.wrong, 1))]:
        _append(choice, f'<simpleChoice identifier="{identifier}">{math(latex)}</simpleChoice>')
    SubElement(item, "responseProcessing", template=MATCH_CORRECT)
    told = SubElement(item, "modalFeedback", outcomeIdentifier="FEEDBACK", identifier="solution", showHide="show")
    _append(told, f"<div>{asked.solution}</div>")
    return item


def _append(parent: Element, html: str) -> None:
    """Append HTML whose formulas are set as MathML."""
    shown = Typesetter({}, _complain).page(html).replace("<wbr>", "").replace("<math", f'<math xmlns="{MATHML}"')
    made = fromstring(_NAMED.sub(lambda found: unescape(found[0]), shown))
    for row in made.iter(f"{{{MATHML}}}mrow"):
        if row.attrib.keys() & {"displaystyle", "scriptlevel"}:
            row.tag = f"{{{MATHML}}}mstyle"  # which alone has these in the schema, that of MathML 2
    parent.append(made)


def _complain(message: str) -> None:
    raise ParseError(message)


def _manifest(names: Sequence[str]) -> Element:
    manifest = Element("manifest", {"xmlns": PACKAGE, "identifier": "mdderive"})
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    for name in names:
        resource = SubElement(
            resources, "resource", identifier=f"resource-{name}", type="imsqti_item_xmlv2p1", href=f"{name}.xml"
        )
        SubElement(resource, "file", href=f"{name}.xml")
    return manifest
