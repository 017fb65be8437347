using System.Net;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>Why a form changed nothing is said in the reader's language, by the rules of the API.</summary>
public sealed class ProblemsTests
{
    [Theory]
    [InlineData("de", "handle anna belongs to another page", "die Adresse anna gehört zu einer anderen Seite")]
    [InlineData("ja", "a page has at most 90 earlier handles in 365 days", "以前のアドレスは365日間に90個までです")]
    [InlineData("es", "title must have at most 100 characters", "el título debe tener como máximo 100 caracteres")]
    [InlineData("en", "title must have at most 100 characters", "title must have at most 100 characters")]
    [InlineData("de", "the moon is full", "\u2066the moon is full\u2069")]
    public void A_detail_is_found_by_its_template_and_keeps_its_values(string tag, string detail, string expected) =>
        Assert.Equal(expected, Problems.Of(Words.Named(tag), detail));

    [Fact]
    public void Every_template_is_found_by_its_own_text_in_every_language()
    {
        foreach (var (key, text) in Words.Default.Texts.Where(text => text.Key.StartsWith("Problem.", StringComparison.Ordinal)))
        {
            var detail = text.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            Assert.Equal(detail, Problems.Of(Words.Default, detail));
            Assert.All(Words.All.Skip(1), words => Assert.Equal(
                words.Texts[key].Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), Problems.Of(words, detail)));
        }
    }

    [Fact]
    public void Several_details_stand_beside_each_other() => Assert.Equal(
        "der Titel fehlt; das Passwort ist falsch", Problems.Of(Words.Named("de"), ApiError.Invalid("title is required", "the password is wrong")));

    [Fact]
    public async Task A_refused_form_says_so_in_the_language_of_the_browser()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var (visit, _) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("tr");
        var field = DashboardVisit.FormField(await browser.ReadAsync("/dashboard/sites"));

        using var refused = await browser.PostAsync("/dashboard/sites", ("form", field), ("origin", "no site"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(
            "Kaydedilmedi: adres bir web sitesinin adresi olmalı, örneğin shop.example.",
            DashboardVisit.TextOf(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "role=\"alert\""));
    }
}
