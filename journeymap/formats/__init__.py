"""Reading and writing journeys: one file per format, chosen by the file's ending."""

from journeymap.formats.files import read_journey, write_journey
from journeymap.formats.schema import journey_schema
from journeymap.formats.template import template_text

__all__ = ["journey_schema", "read_journey", "template_text", "write_journey"]
