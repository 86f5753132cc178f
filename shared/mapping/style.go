package mapping

// style appends a name in a case.
type style func(dst, text []byte) []byte

var styles = map[string]style{"snake": snake, "camel": camel}

func upper(b byte) bool { return 'A' <= b && b <= 'Z' }
func lower(b byte) bool { return 'a' <= b && b <= 'z' }
func digit(b byte) bool { return '0' <= b && b <= '9' }

// snake writes userId, HTTPServer and user-id as user_id, http_server and user_id. What
// precedes the first letter stays: @timestamp, _id.
func snake(dst, text []byte) []byte {
	for i, b := range text {
		switch {
		case b == '-' || b == ' ':
			dst = append(dst, '_')
		case !upper(b):
			dst = append(dst, b)
		default:
			if i > 0 && (lower(text[i-1]) || digit(text[i-1]) || upper(text[i-1]) && i+1 < len(text) && lower(text[i+1])) {
				dst = append(dst, '_')
			}
			dst = append(dst, b|0x20)
		}
	}
	return dst
}

// camel writes user_id, user-id and UserId as userId; HTTPServer as httpServer. A name's
// capitals further on stay: userID.
func camel(dst, text []byte) []byte {
	started, up, capitals := false, false, true
	for i, b := range text {
		switch {
		case b == '.':
			started, up, capitals = false, false, true
			dst = append(dst, b)
			continue
		case started && (b == '_' || b == '-' || b == ' '):
			if up, capitals = true, false; i+1 == len(text) {
				dst = append(dst, b)
			}
			continue
		case up && lower(b):
			b &^= 0x20
		case upper(b) && capitals && (!started || i+1 == len(text) || !lower(text[i+1])):
			b |= 0x20
		case upper(b) || lower(b) || digit(b):
			capitals = false
		}
		started, up = started || upper(b) || lower(b) || digit(b), false
		dst = append(dst, b)
	}
	return dst
}
