/* What JSON is made of: blanks, texts, numbers. Each function takes the place where its
 * part begins and returns the place behind it, NULL where the gate does not accept it.
 *
 * No function looks beyond the end: a NUL stands there (Python's own, behind any bytes),
 * which is neither a blank nor a part of anything. */

#ifndef CHRONICLE_TEXT_H
#define CHRONICLE_TEXT_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    char *bytes;
    size_t size, room;
    int failed; /* for want of memory */
} Buffer;

/* A piece of a text that lies elsewhere. */
typedef struct {
    const char *at;
    size_t size;
} Piece;

static char *
more(Buffer *buffer, size_t size)
{
    if (buffer->size + size > buffer->room) {
        size_t room = 2 * (buffer->size + size) + 4096;
        char *bytes = PyMem_Realloc(buffer->bytes, room);
        if (bytes == NULL) {
            buffer->failed = 1;
            return NULL;
        }
        buffer->bytes = bytes;
        buffer->room = room;
    }
    char *at = buffer->bytes + buffer->size;
    buffer->size += size;
    return at;
}

static void
put(Buffer *buffer, const char *bytes, size_t size)
{
    char *at = more(buffer, size);
    if (at != NULL)
        memcpy(at, bytes, size);
}

static inline const char *
blank(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
        at++;
    return at;
}

/* Return how many bytes the character takes that begins here, 0 where it is no UTF-8.
 * Source: RFC 3629, section 4. */
static inline size_t
utf8(const unsigned char *at)
{
    unsigned char first = at[0], least = 0x80, most = 0xBF;
    size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    if (first == 0xE0)
        least = 0xA0; /* else it could be said shorter */
    if (first == 0xED)
        most = 0x9F; /* half of a pair */
    if (first == 0xF0)
        least = 0x90;
    if (first == 0xF4)
        most = 0x8F;
    if (at[1] < least || at[1] > most)
        return 0;
    for (size_t n = 2; n < size; n++)
        if ((at[n] & 0xC0) != 0x80)
            return 0;
    return size;
}

/* Skip what needs no thought, eight bytes at a time: no quote, no backslash, no control
 * character, nothing beyond ASCII. */
static inline const char *
plain(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101ULL, tops = 0x8080808080808080ULL;
    while (end - at >= 8) {
        uint64_t word, quote, slash;
        memcpy(&word, at, 8);
        quote = word ^ (ones * '"');
        slash = word ^ (ones * '\\');
        if ((((word - ones * 0x20) | (quote - ones) | (slash - ones) | word) & tops) != 0)
            break;
        at += 8;
    }
    return at;
}

static int
hexadecimal(const char *at)
{
    int found = 0;
    for (int n = 0; n < 4; n++) {
        char each = at[n], low = (char)(each | 0x20);
        if (each >= '0' && each <= '9')
            found = 16 * found + each - '0';
        else if (low >= 'a' && low <= 'f')
            found = 16 * found + low - 'a' + 10;
        else
            return -1; /* also at the end, so no byte behind it is read */
    }
    return found;
}

static void
put_character(Buffer *buffer, unsigned code)
{
    char bytes[4];
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char firsts[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t n = size; n-- > 1; code >>= 6)
        bytes[n] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(firsts[size] | code);
    put(buffer, bytes, size);
}

/* Read what stands behind a backslash. */
static const char *
escape(const char *at, Buffer *decoded)
{
    static const char said[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = *at ? strchr(said, *at) : NULL;
    if (found != NULL) {
        put(decoded, meant + (found - said), 1);
        return at + 1;
    }
    int code = *at == 'u' ? hexadecimal(at + 1) : -1;
    if (code < 0)
        return NULL;
    at += 5;
    if ((code & 0xF800) == 0xD800) { /* a pair says one character */
        int low = code < 0xDC00 && at[0] == '\\' && at[1] == 'u' ? hexadecimal(at + 2) : -1;
        if ((low & ~0x3FF) != 0xDC00)
            return NULL;
        code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
        at += 6;
    }
    put_character(decoded, (unsigned)code);
    return at;
}

/* Read a text.
 *
 * decoded: a buffer; it holds the text where that has escapes.
 * found: what it says: a piece of where it stands, or of `decoded`. */
static const char *
text(const char *at, const char *end, Buffer *decoded, Piece *found)
{
    if (*at++ != '"')
        return NULL;
    const char *start = at, *begun = at;
    decoded->size = 0;
    for (;;) {
        at = plain(at, end);
        unsigned char each = (unsigned char)*at;
        if (each == '"')
            break;
        if (each == '\\') {
            put(decoded, begun, (size_t)(at - begun));
            at = begun = escape(at + 1, decoded);
            if (at == NULL)
                return NULL;
        }
        else if (each >= 0x80) {
            size_t size = utf8((const unsigned char *)at);
            if (size == 0)
                return NULL;
            at += size;
        }
        else if (each < 0x20)
            return NULL; /* the end is one of these */
        else
            at++;
    }
    if (begun == start) {
        *found = (Piece){start, (size_t)(at - start)};
    }
    else {
        put(decoded, begun, (size_t)(at - begun));
        *found = (Piece){decoded->bytes, decoded->size};
    }
    return at + 1;
}

/* Write a text of which nothing but its letters is known. */
static void
put_text(Buffer *out, Piece text)
{
    static const char *const names = "btn\0fr"; /* of 8 to 13; 11 has none */
    put(out, "\"", 1);
    for (size_t n = 0, begun = 0;; n++) {
        unsigned char each = n < text.size ? (unsigned char)text.at[n] : 0;
        if (n < text.size && each >= 0x20 && each != '"' && each != '\\')
            continue;
        put(out, text.at + begun, n - begun);
        begun = n + 1;
        if (n == text.size)
            break;
        char escaped[7] = {'\\', (char)each};
        size_t size = 2;
        if (each >= 8 && each <= 13 && names[each - 8])
            escaped[1] = names[each - 8];
        else if (each < 0x20)
            size = (size_t)PyOS_snprintf(escaped, sizeof escaped, "\\u%04x", each);
        put(out, escaped, size);
    }
    put(out, "\"", 1);
}

static inline const char *
digits(const char *at)
{
    const char *start = at;
    while (*at >= '0' && *at <= '9')
        at++;
    return at == start ? NULL : at;
}

/* The parts of a number, each as places in its text: -12.50e3 */
typedef struct {
    const char *whole, *point, *exponent, *end; /* `point` and `exponent` may be `end` */
} Number;

static const char *
number(const char *at, Number *found)
{
    found->whole = at += *at == '-';
    if ((at = digits(at)) == NULL || (*found->whole == '0' && at > found->whole + 1))
        return NULL;
    found->point = found->exponent = at;
    if (*at == '.') {
        if ((at = digits(at + 1)) == NULL)
            return NULL;
        found->exponent = at;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if ((at = digits(at)) == NULL)
            return NULL;
    }
    found->end = at;
    return at;
}

/* Read a value of any kind that is JSON, and no more than `levels` deep. */
static const char *
anything(const char *at, const char *end, Buffer *decoded, int levels)
{
    static const char *const words[] = {"true", "false", "null"};
    Piece ignored;
    Number skipped;
    char closing = *at == '{' ? '}' : ']';
    if (*at == '"')
        return text(at, end, decoded, &ignored);
    if (*at == '-' || (*at >= '0' && *at <= '9'))
        return number(at, &skipped);
    for (int n = 0; n < 3; n++)
        if (strncmp(at, words[n], strlen(words[n])) == 0)
            return at + strlen(words[n]);
    if ((*at != '{' && *at != '[') || levels == 0)
        return NULL;
    at = blank(at + 1);
    if (*at == closing)
        return at + 1;
    for (;; at = blank(at + 1)) {
        if (closing == '}') {
            if ((at = text(at, end, decoded, &ignored)) == NULL || *(at = blank(at)) != ':')
                return NULL;
            at = blank(at + 1);
        }
        if ((at = anything(at, end, decoded, levels - 1)) == NULL)
            return NULL;
        at = blank(at);
        if (*at == closing)
            return at + 1;
        if (*at != ',')
            return NULL;
    }
}

#endif
