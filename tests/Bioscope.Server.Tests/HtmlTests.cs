using System.Globalization;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

public sealed class HtmlTests
{
    [Fact]
    public void Text_is_escaped_and_letters_of_every_script_stay()
    {
        var text = "<b title=\"x\">Tom's & Zoë, 日本語, עברית</b>";

        Assert.Equal(
            "<p>&lt;b title=&quot;x&quot;&gt;Tom&#x27;s &amp; Zoë, 日本語, עברית&lt;/b&gt;</p>", Html.Of($"<p>{text}</p>").ToString());
    }

    [Fact]
    public void Html_within_html_is_not_escaped_again()
    {
        var items = new[] { "a", "<", "b" }.Select(item => Html.Of($"<i>{item}</i>"));

        Assert.Equal("<p><i>a</i><i>&lt;</i><i>b</i></p>", Html.Of($"<p>{items}{Html.Nothing}</p>").ToString());
        Assert.Equal("<i>a</i>, <i>&lt;</i>, <i>b</i>", Html.Join(items, Html.Trusted(", ")).ToString());
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NegativeSign, culture.NumberFormat.NumberDecimalSeparator) = ("−", ",");
        try
        {
            CultureInfo.CurrentCulture = culture;

            Assert.Equal("-3 -0.13 1000", Html.Of($"{-3} {-0.126} {1000.0}").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
