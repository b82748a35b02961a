-- The paths that wrk requests:
--   wrk -s urls.lua URL -- KIND SIZE FIRST
-- SIZE is the number of generated hypervisors, FIRST the number of the first request.

local sorts = { "id", "-id", "name", "-name", "" }
local languages = { "en", "zh" }
local packs = { "", "&pack=docs" }

local function escape(text)
  return (text:gsub("[^%w%-_.~]", function(byte) return string.format("%%%02X", byte:byte()) end))
end

-- Spreads consecutive numbers over a range. 7919 is a prime and divides no size, so every number occurs once before any
-- occurs twice.
local function spread(number, range)
  return number * 7919 % range
end

-- The words of the entries that benchmarks/packs.py generates.
local words = {
  "hv-%06d", "Cirrus %06d Server", "云监控器 %06d", "CRS%06d", "监控程序%06d", "CIRRUS-%06d-HVM",
  "ex-%06d", "Stratus %06d Suite", "层云套件 %06d", "STR%06d", "套件%06d", "STRATUS-%06d-STE",
}

local paths = {}

-- The same five records at 19,920 URLs, whose answers do not all fit into the cache.
function paths.list(number)
  local rest = number
  local function digit(base)
    local found = rest % base
    rest = (rest - found) / base
    return found
  end
  local limit, sort = 5 + digit(996), sorts[1 + digit(#sorts)]
  return string.format("/hypervisors?type=bare-metal&limit=%d&lang=%s%s%s", limit, languages[1 + digit(2)],
    sort == "" and "" or "&sort=" .. sort, packs[1 + digit(2)])
end

-- New paths without end: seven empty lists, then one with records.
function paths.mixed(number)
  if number % 8 == 0 then
    return paths.list(number / 8) .. "&license=proprietary&license=GPL-2.0-only&license=" .. number
  end
  return "/hypervisors?q=nothing-" .. number
end

function paths.type()
  return "/hypervisors?type=bare-metal&limit=5"
end

function paths.vendor(number, size)
  return string.format("/hypervisors?type=bare-metal&limit=5&vendor=Maker%%20%05d",
    math.floor(spread(number, size) / 10))
end

function paths.detail(number, size)
  return string.format("/hypervisors/hv-%06d", spread(number, size))
end

function paths.lookup(number, size)
  local values = {}
  for index = 1, 100 do
    local chosen = spread(number * 100 + index, size * #words)
    local word, entry = words[1 + chosen % #words], math.floor(chosen / #words)
    values[index] = "value=" .. escape(string.format(word, entry))
  end
  return "/lookup?" .. table.concat(values, "&")
end

function paths.rare(number, size)
  return string.format("/search?limit=5&q=CRS%06d", spread(number, size))
end

function paths.two_words(number, size)
  return string.format("/search?limit=5&q=cirrus%%20%06d", spread(number, size))
end

function paths.common()
  return "/search?limit=5&q=%E7%9B%91%E6%8E%A7"
end

function paths.common_words()
  return "/search?limit=5&q=cirrus%20server"
end

function init(arguments)
  path = paths[arguments[1]]
  size, number = tonumber(arguments[2]), tonumber(arguments[3])
end

function request()
  number = number + 1
  return wrk.format("GET", path(number, size))
end
