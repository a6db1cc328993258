-- SPDX-License-Identifier: MIT
-- What a persona sees of the sound server, and where sound goes: a persona's to its own sink, that sink's to a real one; and, where it may
-- listen, from a real source to the persona's own, from that to the persona.
--
-- A persona is known by the security context that its connection came through; nothing that its programs say of themselves is
-- believed. Its sink and its source carry spine.persona and belong to a client that has no security context.

-- PipeWire's numbers are octal (0400, 0100). Perm.* of WirePlumber 0.5.15 to 0.5.18 has them in decimal.
local NONE, LOOK = 0, 0x100 + 0x40

local lutils = require ("linking-utils")
local manager = PermissionManager ()
local clients = ObjectManager { Interest { type = "client" } }

local function persona_of (client)
  if client and client.properties ["pipewire.sec.engine"] == "org.alpinespine" then
    return client.properties ["pipewire.sec.instance-id"] or ""
  end
end

-- The persona that an object belongs to; nil: none, it is the Spine's own. Second: nobody can tell yet.
local function persona_behind (object)
  local id = object.properties ["client.id"]
  if id == nil then
    return nil, false
  end
  local client = clients:lookup { Constraint { "bound-id", "=", tonumber (id), type = "gobject" } }
  return persona_of (client), client == nil
end

local function is_own (node)
  local persona, unknown = persona_behind (node)
  return persona == nil and not unknown
end

-- The persona whose virtual device, or way between that and a real one, this node is. A persona's own node never is.
local function place_of (node)
  return is_own (node) and node.properties ["spine.persona"] or nil
end

local function is_device (node)
  local class = node.properties ["media.class"]
  return class == "Audio/Sink" or class == "Audio/Source"
end

manager:set_default_permissions ("-")
manager:set_core_permissions ("rx")
manager:add_interest_match (function (_, client, object)
    return object ["bound-id"] == client ["bound-id"] and LOOK or NONE
  end, Interest { type = "client" })
-- Streams are made with this one alone: no links, no nodes of the server's own, no metadata.
manager:add_interest_match (function (_, client, object)
    return object.properties ["factory.name"] == "client-node" and LOOK or NONE
  end, Interest { type = "factory" })
-- Its own streams, its sink and its source. The ways from there to the real ones are not its business.
manager:add_interest_match (function (_, client, node)
    local persona = persona_of (client)
    local mine = persona == persona_behind (node) or
        (persona == place_of (node) and is_device (node))
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

-- A real device: the server's or the session manager's own, never one that a persona offers.
local function is_real (si, class)
  local node = si:get_associated_proxy ("node")
  return node.properties ["media.class"] == class and is_own (node) and not node.properties ["spine.persona"]
end

local function own_device (om, si, persona, class)
  for other in om:iterate { type = "SiLinkable" } do
    local node = other:get_associated_proxy ("node")
    if place_of (node) == persona and node.properties ["media.class"] == class and
        lutils.canLink (si.properties, other) then
      return other
    end
  end
end

local function best_device (om, si, class)
  local best = lutils.findDefaultLinkable (si)
  if best and is_real (best, class) then
    return best
  end
  best = nil
  local most = -1
  for other in om:iterate { type = "SiLinkable" } do
    local priority = tonumber (other:get_associated_proxy ("node").properties ["priority.session"]) or 0
    if is_real (other, class) and priority > most and lutils.canLink (si.properties, other) then
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
    local persona, unknown = persona_behind (node)
    local plays = si_props ["item.node.direction"] == "output"
    local target = nil
    if persona then
      -- What it records is its own sink, or its own source, which it has where it may listen.
      local sink = plays or si_props ["stream.capture.sink"] == "true"
      target = own_device (om, si, persona, sink and "Audio/Sink" or "Audio/Source")
    elseif place_of (node) then
      target = best_device (om, si, plays and "Audio/Sink" or "Audio/Source")
    elseif not unknown then
      return
    end
    -- Who plays waits for its sink and is not told that there is none.
    if plays and not target then
      event:stop_processing ()
    else
      event:set_data ("target", target)
    end
  end
}:register ()

-- What nobody could tell before is asked again.
clients:connect ("objects-changed", function ()
  local source = Plugin.find ("standard-event-source")
  manager:update_permissions ()
  if source then
    source:call ("schedule-rescan", "linking")
  end
end)
clients:activate ()
