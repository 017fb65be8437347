using CsCheck;
using Xunit;

namespace Bioscope.Core.Tests;

public sealed class PagePaletteTests
{
    private static readonly Gen<Rgb> Colours = Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte, (r, g, b) => new Rgb(r, g, b));

    [Fact]
    public void Every_colour_gives_readable_text_in_every_theme() => Colours.Sample(AssertReadable, iter: 2_000);

    [Fact]
    public void The_corners_of_the_colour_space_give_readable_text()
    {
        byte[] ends = [0, 1, 127, 128, 254, 255];
        foreach (var colour in from r in ends from g in ends from b in ends select new Rgb(r, g, b))
        {
            AssertReadable(colour);
        }
    }

    [Theory]
    [InlineData("#ffffff", "#000000", 21)]
    [InlineData("#767676", "#ffffff", 4.54)]
    [InlineData("#ff0000", "#0000ff", 2.15)]
    [InlineData("#3B6E9E", "#3b6e9e", 1)]
    public void Contrast_is_that_of_WCAG(string one, string other, double contrast) =>
        Assert.Equal(contrast, Rgb.Contrast(Rgb.Parse(one)!.Value, Rgb.Parse(other)!.Value), 0.005);

    [Theory]
    [InlineData("")]
    [InlineData("#fff")]
    [InlineData("red")]
    [InlineData("#12345g")]
    [InlineData("#+12345")]
    [InlineData("# 12345")]
    [InlineData("#1234567")]
    public void Other_texts_are_no_colours(string text) => Assert.Null(Rgb.Parse(text));

    [Fact]
    public void A_colour_is_read_as_it_is_written() =>
        Colours.Sample(colour => Assert.Equal(colour, Rgb.Parse(colour.ToString())));

    private static void AssertReadable(Rgb colour)
    {
        foreach (var theme in PageTheme.All)
        {
            foreach (var dark in (bool[])[false, true])
            {
                var palette = PagePalette.Of(theme, colour, dark);
                Rgb[] below = [palette.Ground, palette.Glow, palette.Card];
                foreach (var (text, unders) in ((Rgb, Rgb[])[])[(palette.Ink, below), (palette.Quiet, below), (palette.Accent, below),
                    (palette.OnAccent, [palette.Accent])])
                {
                    foreach (var under in unders)
                    {
                        Assert.True(
                            Rgb.Contrast(text, under) >= 4.5, $"{theme.Name} {colour} dark={dark}: {text} on {under} has {Rgb.Contrast(text, under)}");
                    }
                }
            }
        }
    }
}
