using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Mail;

/// <summary>The texts of mails that somebody asks for.</summary>
internal sealed class LetterWords(Words words) : WordArea(words, "Letter")
{
    public string ResetSubject => Text();

    public string ResetAsked(string url) => Fill("url", url);

    public string ResetHow => Text();

    public string ResetNotYou => Text();

    public string ResetButton => Text();

    public string ResetNote => Text();

    public string ConfirmSubject => Text();

    public string ConfirmHow(string url) => Fill("url", url);

    public string ConfirmNotYou => Text();

    public string ConfirmTitle => Text();

    public string ConfirmWhere(string url) => Fill("url", url);

    public string ConfirmButton => Text();

    public string ConfirmNote => Text();

    public string JoinSubject => Text();

    public string JoinHow(string url) => Fill("url", url);

    public string JoinNotAsked => Text();

    public string JoinWhat(string url) => Fill("url", url);

    public string JoinButton => Text();

    public string JoinNote => Text();

    public string KnownSubject => Text();

    public string KnownAsked(string url) => Fill("url", url);

    public string KnownSignIn(string url) => Fill("url", url);

    public string KnownPassword(string url) => Fill("url", url);

    public string KnownButton => Text();

    public Html KnownForgot(Html link) => Markup([("link", link)]);

    public string KnownChoose => Text();

    public string MovedSubject => Text();

    public string MovedWhat(string url) => Fill("url", url);

    public string MovedNotYou => Text();

    public string TeamSubject => Text();

    public string TeamEditor(string name, string url) => Fill([("name", name), ("url", url)]);

    public string TeamViewer(string name, string url) => Fill([("name", name), ("url", url)]);

    public string TeamHow => Text();

    public string TeamUnknown => Text();

    public string TeamButton => Text();

    public string TeamNote => Text();

    public string APage => Text();
}
