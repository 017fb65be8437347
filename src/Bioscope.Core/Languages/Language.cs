using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// How a language writes numbers, dates and times: <c>1,234.5</c> is <c>1.234,5</c> in German and <c>१,२३४.५</c> in languages with other
/// digits. Read from the embedded <c>languages.txt</c> (Unicode CLDR), so it does not depend on the machine's locale data.
/// </summary>
public sealed class Language
{
    private static readonly FrozenDictionary<string, Language> ByTag =
        EmbeddedText.Lines(typeof(Language).Assembly, "languages.txt").Select(line => new Language(line.Split('|'))).ToFrozenDictionary(
            language => language.Tag, StringComparer.OrdinalIgnoreCase);

    private readonly string _digits, _group, _decimal, _percent, _day, _yearDay, _longDay, _time;
    private readonly int _groupSize, _digitsBeforeGroup;
    private readonly string[] _months, _weekdays, _halves;

    private Language(string[] fields)
    {
        Tag = fields[0];
        (_digits, _group, _decimal) = (fields[1], fields[2], fields[3]);
        (_groupSize, _digitsBeforeGroup) = (
            int.Parse(fields[4], CultureInfo.InvariantCulture), int.Parse(fields[5], CultureInfo.InvariantCulture));
        (_percent, _day, _longDay, _time, _yearDay) = (fields[6], fields[7], fields[8], fields[11], fields[13]);
        (_months, _weekdays, _halves) = (fields[9].Split(';'), fields[10].Split(';'), fields[12].Split(';'));
    }

    /// <summary>The default when no known language is requested.</summary>
    public static Language Default { get; } = ByTag["en-GB"];

    /// <summary>Every known language.</summary>
    public static IReadOnlyCollection<Language> All => ByTag.Values;

    /// <summary>The BCP 47 tag, such as <c>de-CH</c>.</summary>
    public string Tag { get; }

    /// <summary>The first known tag, in order of preference: as it is, or without its last subtags (<c>de-LU</c> is German).</summary>
    public static Language Of(IEnumerable<string> tags)
    {
        foreach (var tag in tags)
        {
            // Chinese has two scripts; a tag may name the script instead of the country.
            var rest = tag.StartsWith("zh-Hant", StringComparison.OrdinalIgnoreCase) ? "zh-TW" : tag;
            for (; rest.Length > 0; rest = rest.LastIndexOf('-') is >= 0 and var dash ? rest[..dash] : "")
            {
                if (ByTag.TryGetValue(rest, out var language))
                {
                    return language;
                }
            }
        }

        return Default;
    }

    /// <summary>A whole number with grouped digits.</summary>
    public string Number(long number) => Digits(Grouped(number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A number with the given decimals, rounded half away from zero.</summary>
    public string Number(double number, int decimals)
    {
        var text = Math.Round((decimal)number, decimals, MidpointRounding.AwayFromZero).ToString(
            "F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return Digits(point < 0 ? Grouped(text) : Grouped(text[..point]) + _decimal + text[(point + 1)..]);
    }

    /// <summary>A percentage: 12 is <c>12%</c> or <c>12 %</c>.</summary>
    public string Percent(double percentage, int decimals = 0) =>
        _percent.Replace("{n}", Number(percentage, decimals), StringComparison.Ordinal);

    /// <summary>A day whose year is clear: <c>24 Nov</c>.</summary>
    public string Day(DateOnly day) => Fill(_day, day, default);

    /// <summary>A day with its year: <c>24 Nov 2026</c>.</summary>
    public string YearDay(DateOnly day) => Fill(_yearDay, day, default);

    /// <summary>A day with its weekday and year: <c>Tue, 24 Nov 2026</c>.</summary>
    public string LongDay(DateOnly day) => Fill(_longDay, day, default);

    /// <summary>A time of the day: <c>15:06</c> or <c>3:06 PM</c>.</summary>
    public string Time(TimeOnly time) => Fill(_time, default, time);

    private string Grouped(string digits)
    {
        var sign = digits[0] == '-' ? 1 : 0;
        var first = digits.Length - 3;
        if (first - sign < _digitsBeforeGroup)
        {
            return digits;
        }

        var text = new StringBuilder(digits);
        for (var at = first; at > sign; at -= _groupSize)
        {
            text.Insert(at, _group);
        }

        return text.ToString();
    }

    private string Digits(string text) =>
        _digits.Length == 0 ? text : string.Create(text.Length, (text, _digits), static (target, from) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = char.IsAsciiDigit(from.text[i]) ? from._digits[from.text[i] - '0'] : from.text[i];
            }
        });

    private string Fill(string pattern, DateOnly day, TimeOnly time)
    {
        var text = new StringBuilder(pattern)
            .Replace("{dd}", Two(day.Day)).Replace("{d}", One(day.Day)).Replace("{y}", One(day.Year))
            .Replace("{HH}", Two(time.Hour)).Replace("{H}", One(time.Hour)).Replace("{h}", One(time.Hour % 12 is 0 ? 12 : time.Hour % 12))
                .Replace("{mm}", Two(time.Minute))
            .ToString();
        // Names come last: nothing in them is a digit to translate, or a place to fill.
        return new StringBuilder(Digits(text))
            .Replace("{M}", _months[day.Month - 1]).Replace("{E}", _weekdays[(int)day.DayOfWeek])
                .Replace("{a}", _halves[time.Hour / 12 % _halves.Length]).ToString();
    }

    private static string One(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Two(int number) => number.ToString("00", CultureInfo.InvariantCulture);
}
