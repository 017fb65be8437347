using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class LinkListTests
{
    [Fact]
    public async Task Linkstack_keeps_headings_and_order()
    {
        var reading = await ExportReading.OfAsync("""
            {"name":"Anna","littlelink_name":"anna","links":[
              {"id":1,"link":"https://blog.example/","title":"Blog","order":2,"up_link":"no","button_id":1,"type":"link"},
              {"id":2,"link":null,"title":"Shops","order":0,"up_link":"no","button_id":42,"type":"heading"},
              {"id":3,"link":"https://www.shop.example/Sale","title":"Sale","order":1,"up_link":"no","button_id":1,"type":"link"},
              {"id":4,"link":"javascript:alert(1)","title":"Bad","order":3,"up_link":"no","button_id":1},
              {"id":5,"link":null,"title":"<p>About &amp; me</p>","order":4,"up_link":"no","button_id":93,"type":"text"},
              {"id":6,"link":"https://top.example/","title":"Top","order":9,"up_link":"yes","button_id":1},
              {"id":7,"link":"https://blog.example","title":"Blog again","order":10,"up_link":"no","button_id":1},
              {"id":8,"link":"https://instagram.com/anna","title":"instagram","order":0,"up_link":"no","button_id":94}]}
            """);

        Assert.Equal("linkstack", reading.Tool!.Name);
        Assert.Equal(
            ["5 Top https://top.example/", "6 # Shops", "7 Sale https://www.shop.example/Sale", "8 Blog https://blog.example/"], reading.Links);
        Assert.Contains(reading.Items, item => item.Row is Rows.BioLinkRow row && row.Id == ExportReading.Shop); // it is there already
        Assert.Equal(["6: \"Bad\": the address 'javascript:alert(1)' is not a web address that begins with http:// or https://"], reading.Problems);
        Assert.Equal(
            ["1 icons above the links: add them to the page by hand", "1 links that are in the list twice", "1 spaces, texts and contact cards"],
            reading.LeftOut);
    }

    [Theory]
    [InlineData("""{"props":{"pageProps":{"account":{"username":"anna"},"links":{links}}}}""")]
    [InlineData("""{"props":{"pageProps":{"account":{"username":"anna","links":{links}}}}}""")]
    [InlineData("""{links}""")]
    [InlineData("""<!DOCTYPE html><html><head><link href="https://linktr.ee/anna"></head><body><script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"links":{links}}}}</script></body></html>""")]
    public async Task Linktree_pages_give_their_links(string page)
    {
        const string Links = """
            [{"id":2,"type":"CLASSIC","title":"Blog","url":"https://blog.example/","position":1},{"id":1,"type":"HEADER","title":"Me","url":null,"position":0},
             {"id":3,"type":"GROUP","title":"More","position":2,"links":[{"type":"CLASSIC","title":"Mail","url":"mailto:a@x.example","position":0},{"type":"YOUTUBE_VIDEO","title":"Film","url":"https://youtu.be/AbC","position":1}]}]
            """;
        var reading = await ExportReading.OfAsync(page.Replace("{links}", Links, StringComparison.Ordinal));

        Assert.Equal("linktree", reading.Tool!.Name);
        Assert.Equal(["5 # Me", "6 Blog https://blog.example/", "7 # More", "8 Film https://youtu.be/AbC"], reading.Links);
        Assert.Single(reading.Problems);
    }
}
