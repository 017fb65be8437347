using System.CommandLine;
using System.Text.Json;
using Bioscope.Core;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope referrer URL</c> prints the domain that a referrer counts as, or <c>direct</c>. Without an argument it reads JSON strings,
/// one per line, and prints one JSON line for each: <c>{"domain":"instagram.com"}</c> or <c>{"domain":null}</c>.
/// </summary>
internal static class ReferrerCommand
{
    public static Command Create()
    {
        var url = new Argument<string?>("url")
        {
            Description = "A referrer; without it, the command reads JSON strings from standard input, one per line",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("referrer", "Print the domain that a referrer counts as") { url };
        command.SetAction(parse =>
        {
            if (parse.GetValue(url) is not { } text)
            {
                return AnswerLines();
            }

            Console.WriteLine(Referrer.Domain(text) ?? "direct");
            return 0;
        });
        return command;
    }

    private static int AnswerLines()
    {
        using var output = Console.OpenStandardOutput();
        using var input = new StreamReader(Console.OpenStandardInput());
        var bad = 0;
        for (var number = 1; input.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (!JsonText.TryRead(line, out var referrer))
            {
                Console.Error.WriteLine($"line {number}: not a JSON string");
                bad++;
            }

            using var json = new Utf8JsonWriter(output);
            json.WriteStartObject();
            json.WriteString("domain", Referrer.Domain(referrer));
            json.WriteEndObject();
            json.Flush();
            output.Write("\n"u8);
        }

        return bad == 0 ? 0 : 1;
    }
}
