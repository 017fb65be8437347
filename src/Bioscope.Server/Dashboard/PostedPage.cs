using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Json;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The form of the page, read as the API's fields, so that it has the same rules.</summary>
internal sealed record PostedPage(PageFields? Fields, ApiError? Refusal)
{
    /// <param name="form">What was sent.</param>
    /// <param name="page">The page as it is.</param>
    /// <param name="usualColour">The colour of a page that has none of its own; the browser's field always has one.</param>
    public static PostedPage Of(IFormCollection form, BioPage page, string usualColour)
    {
        var (handle, colour) = (form["handle"].ToString().Trim(), form["colour"].ToString());
        var json = new JsonObject
        {
            ["title"] = form["title"].ToString(),
            ["description"] = form["description"].ToString(),
            // A page without a handle can stay so.
            ["handle"] = handle.Length == 0 && page.Handle is null ? null : handle,
            ["theme"] = form["theme"].ToString(),
            ["font"] = form["font"].ToString(),
            ["colour"] = colour == usualColour ? "" : colour,
            ["icons"] = new JsonArray(
                [.. Lines(form["icons"].ToString()).Select(line => JsonValue.Create(Core.PastedAddress.Complete(line)))]),
            ["published"] = form["published"] != "0",
        };
        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
        var fields = PageFields.Read(body);
        return JsonRequest.Refusal(body) is { } refusal ? new PostedPage(null, refusal) : new PostedPage(fields, null);
    }

    /// <summary>The page as it would be.</summary>
    public static BioPage Draft(BioPage page, PageFields fields) => page with
    {
        Title = fields.Title,
        Description = fields.Description,
        Handle = fields.Handle ?? page.Handle,
        Theme = fields.Theme,
        Colour = fields.Colour,
        Font = fields.Font,
        Icons = fields.Icons,
    };

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
