"""The few shapes of SVG that the pictures are made of; no library, so that the page needs nothing installed.

Coordinates are pixels from the upper left corner, written to a tenth. The same calls give the same bytes.
"""

from xml.sax.saxutils import escape, quoteattr

STYLE = "font-family:sans-serif;font-size:12px"


def number(value):
    return f"{value:.1f}".removesuffix(".0")


class Picture:
    """A white sheet that shapes are put on, the later ones on top."""

    def __init__(self, width, height):
        self.size, self.shapes = (width, height), []
        self.shape("rect", width=width, height=height, fill="white")

    def shape(self, name, text=None, **attributes):
        words = [f"{key.replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
                 for key, value in attributes.items()]
        end = "/>" if text is None else f">{escape(text)}</{name}>"
        self.shapes.append(f"<{name} {' '.join(words)}{end}")

    def line(self, begin, end, colour, width=1.0):
        self.shape("line", x1=begin[0], y1=begin[1], x2=end[0], y2=end[1], stroke=colour, stroke_width=width)

    def dot(self, at, colour, hollow=False):
        self.shape("circle", cx=at[0], cy=at[1], r=3.5, stroke=colour, stroke_width=1.4,
                   fill="white" if hollow else colour)

    def text(self, at, text, anchor="start", colour="#202124"):
        self.shape("text", text, x=at[0], y=at[1], text_anchor=anchor, fill=colour)

    def path(self, points, colour, width=2.0):
        steps = " L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.shape("path", d=f"M{steps}", fill="none", stroke=colour, stroke_width=width)

    def legend(self, at, names):
        """Names with their colours, one beside the other."""
        x, y = at
        for name, colour in names.items():
            self.dot((x, y - 4), colour)
            self.text((x + 9, y), name)
            x += 24 + 7 * len(name)

    def write(self, path):
        width, height = map(number, self.size)
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}" style="{STYLE}">')
        path.write_text("\n".join([head, *self.shapes, "</svg>"]) + "\n")
