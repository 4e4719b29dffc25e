# An unmodified Godot 3 client of an ActorPeer server. Run it without a window:
#   PEER_PORT=7778 godot3-server --no-window -s client.gd
# It prints what it hears, comes back when the server has started anew, and does what it is told: a packet "say TARGET MODE TEXT" makes it send TEXT.
extends SceneTree

var peer = NetworkedMultiplayerENet.new()
var address = "127.0.0.1"
var port = 7778
var lost = true
var dial_at = 0


func _init():
	Engine.target_fps = 100
	if OS.has_environment("PEER_ADDRESS"):
		address = OS.get_environment("PEER_ADDRESS")
	if OS.has_environment("PEER_PORT"):
		port = int(OS.get_environment("PEER_PORT"))
	if OS.has_environment("PEER_COMPRESSION"):
		peer.compression_mode = int(OS.get_environment("PEER_COMPRESSION"))
	peer.connect("peer_connected", self, "_joined")
	peer.connect("peer_disconnected", self, "_left")
	peer.connect("connection_succeeded", self, "_succeeded")
	peer.connect("connection_failed", self, "_gone", ["failed"])
	peer.connect("server_disconnected", self, "_gone", ["server gone"])


func _idle(_delta):
	if lost and OS.get_ticks_msec() >= dial_at:
		if peer.get_connection_status() != NetworkedMultiplayerPeer.CONNECTION_DISCONNECTED:
			peer.close_connection()
		lost = peer.create_client(address, port) != OK
		dial_at = OS.get_ticks_msec() + 300
	if lost:
		return false
	peer.poll()
	while not lost and peer.get_available_packet_count() > 0:
		var from = peer.get_packet_peer()
		var channel = peer.get_packet_channel()
		_heard(from, channel, peer.get_packet().get_string_from_utf8())
	return false


func _heard(from, channel, text):
	printerr("heard %d/%d: %s" % [from, channel, text])
	var words = text.split(" ", true, 3)
	if words.size() == 4 and words[0] == "say":
		peer.set_target_peer(int(words[1]))
		peer.transfer_mode = int(words[2])
		peer.put_packet(words[3].to_utf8())


func _succeeded():
	printerr("succeeded %d" % peer.get_unique_id())


func _joined(id):
	printerr("joined %d" % id)


func _left(id):
	printerr("left %d" % id)


func _gone(why):
	printerr(why)
	lost = true
	dial_at = OS.get_ticks_msec() + 300
