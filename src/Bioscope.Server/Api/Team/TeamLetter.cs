using System.Text.Json.Nodes;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Team;

/// <summary>Sends the link of an invitation, unless it was used or revoked before.</summary>
internal sealed class TeamLetter(Members members, Settings settings) : ILetterKind
{
    public const string Name = "team";

    /// <summary>Where links lead, before their token.</summary>
    public const string Path = "/dashboard/team/join/";

    public string Kind => Name;

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var data = JsonNode.Parse(message.Data)!;
        var (id, words) = (Guid.Parse((string)data["invitation"]!), Words.Named((string?)data["language"]));
        if (await members.FindAsync(id, cancellationToken) is not { Email: { } email } invited)
        {
            return null;
        }

        var url = $"{settings.PublicUrl}{Path}{members.TokenOf(id)}";
        var texts = new LetterWords(words);
        var name = invited.Name ?? texts.APage;
        var server = settings.PublicUrl!;
        var invites = invited.Role == MemberRole.Editor ? texts.TeamEditor(name, server) : texts.TeamViewer(name, server);
        return new Letter(
            words,
            email,
            texts.TeamSubject,
            $"""
            {invites}

            {texts.TeamHow}
            {url}

            {texts.TeamUnknown}

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"{texts.TeamSubject}"))}
                {LetterHtml.Paragraph(Html.Of($"{invites}"))}
                {LetterHtml.Button(url, texts.TeamButton)}
                {LetterHtml.Note(Html.Of($"{texts.TeamNote}"))}
                """));
    }
}
