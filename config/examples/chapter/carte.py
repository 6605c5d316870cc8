"""A map of classes: values by department, region or commune, or of any country.

The table with the values is the first of `inputs:`, that of the outlines the second; a third one
has larger outlines, whose borders are drawn over the others. `params:` say what is seen and read:
docs/maps.md.
"""

from diffusion.maps.choropleth import choropleth


def draw(inputs, params):
    values, outlines, *borders = inputs.values()
    return choropleth(outlines.geo(), values.frame(), *(one.geo() for one in borders), **params)
