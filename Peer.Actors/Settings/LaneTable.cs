using System.Globalization;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Settings;

/// <summary>Priority and weight per channel, section <c>actorpeer.lanes</c>.</summary>
internal sealed class LaneTable(LaneSettings standard, IReadOnlyDictionary<byte, LaneSettings> channels)
{
    public LaneSettings Of(byte channel) => channels.GetValueOrDefault(channel, standard);

    public static LaneTable Parse(SettingsReader reader)
    {
        var channels = new Dictionary<byte, LaneSettings>();
        var section = reader.Section("channels");
        foreach (var name in reader.Keys("channels"))
        {
            if (!byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var channel) || channel > 254)
                throw section.Illegal(name, "{}", "named by a channel from 0 to 254");
            channels[channel] = ParseLane(section.Section($"\"{name}\""));
        }

        return new LaneTable(ParseLane(reader.Section("default")), channels);
    }

    private static LaneSettings ParseLane(SettingsReader reader) =>
        new(reader.Number("priority", -100, 100), reader.Number("weight", 1, 1000));
}
