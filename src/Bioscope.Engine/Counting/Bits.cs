namespace Bioscope.Engine.Counting;

/// <summary>A bit for each number from 0, in words of 64.</summary>
internal static class Bits
{
    /// <summary>How many words so many bits take.</summary>
    public static int Words(int count) => (count + 63) / 64;

    /// <summary>Whether the bit of a number is set.</summary>
    public static bool Has(ReadOnlySpan<ulong> bits, int number) => (bits[number >> 6] & Of(number)) != 0;

    /// <summary>The bit of a number, in the word that has it.</summary>
    public static ulong Of(int number) => 1UL << (number & 63);
}
