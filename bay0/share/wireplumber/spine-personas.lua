-- SPDX-License-Identifier: MIT
-- What a persona sees of the sound server, and where sound goes: a persona's to its own sink, that sink's to a real one.
--
-- A persona is known by the security context that its connection came through; nothing that its programs say of themselves is
-- believed. Its sink carries spine.persona and belongs to a client that has no security context.

log = Log.open_topic ("s-spine")

-- PipeWire's numbers are octal (0400, 0100). Perm.* of WirePlumber 0.5.15 to 0.5.18 has them in decimal.
local NONE, LOOK = 0, 0x100 + 0x40

clients = ObjectManager { Interest { type = "client" } }
clients:activate ()

local function persona_of (client)
  if client and client.properties ["pipewire.sec.engine"] == "org.alpinespine" then
    return client.properties ["pipewire.sec.instance-id"] or ""
  end
end

-- The client that an object belongs to; nil: the sound server itself.
local function owner (object)
  local id = object.properties ["client.id"]
  return id and clients:lookup { Constraint { "bound-id", "=", tonumber (id), type = "gobject" } }
end

-- The persona whose virtual sink or way out this node is. That of a persona's own client never is.
local function sink_of (node)
  return not persona_of (owner (node)) and node.properties ["spine.persona"] or nil
end

local manager = PermissionManager ()
manager:set_default_permissions ("-")
manager:set_core_permissions ("rx")
manager:add_interest_match (function (_, client, object)
    return object ["bound-id"] == client ["bound-id"] and LOOK or NONE
  end, Interest { type = "client" })
-- Streams are made with this one alone: no links, no nodes of the server's own, no metadata.
manager:add_interest_match (function (_, client, object)
    return object.properties ["factory.name"] == "client-node" and LOOK or NONE
  end, Interest { type = "factory" })
-- Its own streams, and its sink. The way out of the sink is not its business.
manager:add_interest_match (function (_, client, node)
    local persona = persona_of (client)
    local mine = persona == persona_of (owner (node)) or
        (persona == sink_of (node) and node.properties ["media.class"] == "Audio/Sink")
    return mine and LOOK or NONE
  end, Interest { type = "node" })
manager:activate (Features.ALL, function (_, e)
  if e then
    log:warning ("no permissions for personas: " .. tostring (e))
  end
end)

SimpleEventHook {
  name = "client/find-spine-access",
  before = { "client/find-config-access", "client/find-default-access", "client/apply-access" },
  interests = { EventInterest { Constraint { "event.type", "=", "select-access" } } },
  execute = function (event)
    if persona_of (event:get_subject ()) then
      event:set_data ("effective-access", "spine")
      event:set_data ("permission-manager", manager)
    end
  end
}:register ()

local lutils = require ("linking-utils")

-- A real sink: the server's or the session manager's own, never one that a persona offers.
local function real_sink (si)
  local node = si:get_associated_proxy ("node")
  return node.properties ["media.class"] == "Audio/Sink" and not persona_of (owner (node)) and not sink_of (node)
end

local function sink_for (om, si, persona)
  for other in om:iterate { type = "SiLinkable" } do
    local node = other:get_associated_proxy ("node")
    if sink_of (node) == persona and node.properties ["media.class"] == "Audio/Sink" and
        lutils.canLink (si.properties, other) then
      return other
    end
  end
end

local function best_sink (om, si)
  local best = lutils.findDefaultLinkable (si)
  if best and real_sink (best) then
    return best
  end
  best = nil
  local most = -1
  for other in om:iterate { type = "SiLinkable" } do
    local priority = tonumber (other:get_associated_proxy ("node").properties ["priority.session"]) or 0
    if real_sink (other) and priority > most and lutils.canLink (si.properties, other) then
      best, most = other, priority
    end
  end
  return best
end

-- The last word on where a stream goes, whatever was asked for and whatever filter offered itself.
SimpleEventHook {
  name = "linking/find-spine-target",
  after = { "linking/find-defined-target", "linking/find-filter-target", "linking/find-media-role-target",
      "linking/find-media-role-sink-target", "linking/find-audio-group-target", "linking/find-default-target",
      "linking/find-best-target", "linking/get-filter-from-target" },
  before = "linking/prepare-link",
  interests = { EventInterest { Constraint { "event.type", "=", "select-target" } } },
  execute = function (event)
    local _, om, si, si_props = lutils:unwrap_select_target_event (event)
    local node = si:get_associated_proxy ("node")
    local persona = persona_of (owner (node))
    if persona then
      -- What it records can only be its own sink; the microphone is not granted by this.
      local monitor = si_props ["stream.capture.sink"] == "true"
      local plays = si_props ["item.node.direction"] == "output"
      event:set_data ("target", (plays or monitor) and sink_for (om, si, persona) or nil)
    elseif sink_of (node) then
      event:set_data ("target", best_sink (om, si))
    end
  end
}:register ()
