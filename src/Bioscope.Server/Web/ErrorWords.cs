using Bioscope.Server.Translations;

namespace Bioscope.Server.Web;

/// <summary>The texts of <see cref="ErrorPage"/>.</summary>
internal sealed class ErrorWords(Words words) : WordArea(words, "Error")
{
    public string NotFoundTitle => Text();

    public string NotFound => Text();

    public string TooManyRequestsTitle => Text();

    public string TooManyRequests => Text();

    public string UnavailableTitle => Text();

    public string Unavailable => Text();

    public string FailedTitle => Text();

    public string Failed => Text();

    public string UnknownHostTitle => Text();

    public string RefusedTitle => Text();

    public string Reference(string id) => Fill("id", id);
}
