# An unmodified Godot 3 server for ActorPeer's ENetMultiplayerPeer as its client. Run it without a window:
#   PEER_PORT=7778 godot3-server --no-window -s server.gd
# It prints who comes and goes, and answers every packet in the mode in which MODE of "say MODE TEXT" asks it to.
extends SceneTree

var peer = NetworkedMultiplayerENet.new()


func _init():
	Engine.target_fps = 100
	var port = int(OS.get_environment("PEER_PORT")) if OS.has_environment("PEER_PORT") else 7778
	if OS.has_environment("PEER_COMPRESSION"):
		peer.compression_mode = int(OS.get_environment("PEER_COMPRESSION"))
	peer.connect("peer_connected", self, "_joined")
	peer.connect("peer_disconnected", self, "_left")
	printerr("listening %d" % peer.create_server(port))


func _idle(_delta):
	peer.poll()
	while peer.get_available_packet_count() > 0:
		var from = peer.get_packet_peer()
		var words = peer.get_packet().get_string_from_utf8().split(" ", true, 2)
		if words.size() == 3 and words[0] == "say":
			peer.set_target_peer(from)
			peer.transfer_mode = int(words[1])
			peer.put_packet(("you said " + words[2]).to_utf8())
		elif words[0] == "leave":
			peer.disconnect_peer(from)
	return false


func _joined(id):
	printerr("joined %d" % id)


func _left(id):
	printerr("left %d" % id)
