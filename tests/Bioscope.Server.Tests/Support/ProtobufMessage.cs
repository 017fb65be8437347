using System.Buffers.Binary;
using System.Text;

namespace Bioscope.Server.Tests.Support;

/// <summary>The fields of an encoded message (protobuf.dev/programming-guides/encoding), by their numbers.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlyMemory<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var tag = Varint(bytes.Span, ref at);
            var (number, length) = (0UL, 0);
            switch (tag & 7)
            {
                case 0:
                    number = Varint(bytes.Span, ref at);
                    break;
                case 1:
                    (number, length) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[at..]), 8);
                    break;
                case 2:
                    length = (int)Varint(bytes.Span, ref at);
                    break;
                case 5:
                    (number, length) = (BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[at..]), 4);
                    break;
                default:
                    throw new InvalidDataException($"There is no wire type {tag & 7}.");
            }

            _fields.Add(((int)(tag >> 3), number, bytes.Slice(at, length)));
            at += length;
        }
    }

    public bool Has(int field) => _fields.Exists(given => given.Field == field);

    public IEnumerable<ProtobufMessage> Messages(params int[] path) => path is [var field, .. var rest]
        ? _fields.Where(given => given.Field == field).SelectMany(given => new ProtobufMessage(given.Bytes).Messages(rest))
        : [this];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field).Span);

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field).Span);

    public long Number(int field) => (long)_fields.LastOrDefault(given => given.Field == field).Number;

    public double Double(int field) => BitConverter.Int64BitsToDouble(Number(field));

    /// <summary>Packed numbers of eight bytes each.</summary>
    public long[] Numbers(int field) =>
        [.. Bytes(field).ToArray().Chunk(8).Select(bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes))];

    private ReadOnlyMemory<byte> Bytes(int field) => _fields.LastOrDefault(given => given.Field == field).Bytes;

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
