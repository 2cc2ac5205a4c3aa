/* One way through a resource's JSON: judged by the tables of its type, and written again
 * on the way, where rows are made of it. */

#ifndef CHRONICLE_WALK_H
#define CHRONICLE_WALK_H

#include "text.h"

#define MOST 511  /* elements that a type may have */
#define HELD 80   /* that one object may have of these */
#define SOUGHT 64 /* contained resources: each costs a search for what refers to it */
#define WORDS (MOST / 64 + 1)

/* What an element is. The names are those of `scan.pyi`. */
enum { TEXT, STRING, BASE64, BOOLEAN, DECIMAL, INTEGER, FORM, WORD, OBJECT, CONTAINED };

/* A pattern as a machine that reads a text byte by byte; state 0 has failed. */
typedef struct {
    const uint8_t *classes;  /* of 256 bytes */
    const uint16_t *next;    /* by state, then by class: where that state's row begins */
    const uint8_t *accepted; /* by the beginning of its row */
    int width;               /* classes */
} Form;

typedef struct {
    Piece *words;
    int size;
} Words;

/* A coding of `system` has one of the codes. */
typedef struct {
    Piece system;
    Words codes;
} Bound;

typedef struct {
    const char *prefix; /* `,"name":` */
    size_t size;
    int what, of; /* `of`: the number of its form, words or type */
    int repeats;
    int bound; /* the number of its bound, -1 without */
    long long least, most;
} Field;

/* Of the fields from `first` on, `size` of them, `least` to 1 may be there. */
typedef struct {
    int first, size, least;
} Choice;

typedef struct {
    Field *fields;
    int size;
    uint64_t needed[WORDS];
    Choice *choices;
    int chosen;
    int id;         /* the number of that field, -1 without */
    int identifier; /* so */
    int pair[2];    /* of a Period start and end, of a Coding system and code; else -1 */
    int is_period, is_resource;
    uint64_t apart[WORDS]; /* the fields that are no part of what is told */
    uint16_t *slots; /* by a hash of their names: 1 + a field's number */
    unsigned mask;   /* of that hash */
} Type;

typedef struct Gate Gate;

/* One resource on its way. */
typedef struct {
    Gate *gate;
    const char *end; /* of the text, where a NUL stands */
    int read;   /* whether all rules are asked, and it is written again */
    int inside; /* something contained */
    int sought; /* contained resources to which something has to refer */
    Piece ids[SOUGHT];
    int bound;  /* the number of what codings are held against now, -1 without:
                 * a call of Python may move what it numbers */
    Buffer out, sorted, decoded;
    Buffer told; /* the resource again, without what says whose it is and when */
} Walk;

/* Where a resource says how it is called. */
typedef struct {
    Piece id, identifier;
} Named;

static const Form *form_of(Gate *, int);
static const Words *words_of(Gate *, int);
static const Bound *bound_of(Gate *, int);
static const Type *type_of(Gate *, int);
/* The type of a resource of that name; NULL where there is none, or Python raised. */
static const Type *resource_of(Walk *, Piece);
static int is_reversed(Walk *, Piece, Piece);

static const char *object(Walk *, const Type *, const char *, Named *);

static inline int
same(Piece one, Piece other)
{
    return one.size == other.size && memcmp(one.at, other.at, one.size) == 0;
}

static inline int
among(const Words *words, Piece found)
{
    for (int n = 0; n < words->size; n++)
        if (same(words->words[n], found))
            return 1;
    return 0;
}

static inline unsigned
hashed(Piece name)
{
    const unsigned char *at = (const unsigned char *)name.at;
    unsigned mixed = (unsigned)name.size * 0x9E37u + at[0] * 0x85EBu;
    mixed += at[name.size / 2] * 0xC2B3u + at[name.size - 1] * 0x27D5u;
    return mixed ^ (mixed >> 7);
}

/* Return a field's number by its name, -1 where there is none. */
static inline int
field_named(const Type *type, Piece name)
{
    if (name.size == 0)
        return -1;
    for (unsigned at = hashed(name);; at++) {
        int number = type->slots[at & type->mask] - 1;
        if (number < 0)
            return -1;
        const Field *field = &type->fields[number];
        if (same((Piece){field->prefix + 2, field->size - 4}, name))
            return number;
    }
}

static inline void
written(Walk *walk, const char *bytes, size_t size)
{
    if (walk->read)
        put(&walk->out, bytes, size);
}

static int
is_formed(const Form *form, Piece found)
{
    unsigned row = (unsigned)form->width;
    for (size_t n = 0; n < found.size && row; n++)
        row = form->next[row + form->classes[(unsigned char)found.at[n]]];
    return form->accepted[row];
}

/* Tell whether a text may consist of exotic blanks only, which R4B does not take for a
 * text: it begins with a control character or with a blank beyond ASCII. */
static int
may_be_blank(Piece found)
{
    unsigned char first = (unsigned char)found.at[0];
    if (first < 0x20)
        return first != '\n' && first != '\r' && first != '\t';
    if (first < 0xC2 || found.size < 2)
        return 0;
    unsigned char then = (unsigned char)found.at[1];
    unsigned char last = found.size > 2 ? (unsigned char)found.at[2] : 0;
    return (first == 0xC2 && (then == 0x85 || then == 0xA0))
        || (first == 0xE1 && then == 0x9A && last == 0x80)
        || (first == 0xE2 && (then == 0x80 || (then == 0x81 && last == 0x9F)))
        || (first == 0xE3 && then == 0x80 && last == 0x80);
}

/* Source: RFC 4648, section 4, without line breaks. */
static int
is_base64(Piece found)
{
    size_t size = found.size;
    for (int n = 0; n < 2 && size && found.at[size - 1] == '='; n++)
        size--;
    for (size_t n = 0; n < size; n++) {
        unsigned char each = (unsigned char)found.at[n], low = each | 0x20;
        if (!((low >= 'a' && low <= 'z' && each >= 'A') || (each >= '0' && each <= '9')
              || each == '+' || each == '/'))
            return 0;
    }
    return found.size % 4 == 0;
}

static const char *
any_text(Walk *walk, const Field *field, const char *at)
{
    Piece found;
    const char *start = at;
    at = text(at, walk->end, &walk->decoded, &found);
    if (at == NULL || (field->least && found.size == 0))
        return NULL;
    switch (field->what) {
    case STRING:
        if (may_be_blank(found))
            return NULL;
        break;
    case BASE64:
        if (!is_base64(found))
            return NULL;
        break;
    case FORM:
        if (!is_formed(form_of(walk->gate, field->of), found))
            return NULL;
        break;
    case WORD:
        if (!among(words_of(walk->gate, field->of), found))
            return NULL;
    }
    if (found.at == start + 1)
        written(walk, start, (size_t)(at - start));
    else if (walk->read)
        put_text(&walk->out, found);
    return at;
}

/* Read a text of a form in one way, as long as it has no escapes. */
static const char *
formed(Walk *walk, const Field *field, const char *at)
{
    const Form *form = form_of(walk->gate, field->of);
    const char *start = at;
    unsigned row = (unsigned)form->width;
    if (*at != '"')
        return NULL;
    while (*++at != '"') {
        if (*at == '\\')
            return any_text(walk, field, start);
        row = form->next[row + form->classes[(unsigned char)*at]];
        if (row == 0)
            return NULL; /* so is the end */
    }
    if (!form->accepted[row])
        return NULL;
    written(walk, start, (size_t)(++at - start));
    return at;
}

static const char *
boolean(Walk *walk, const char *at)
{
    size_t size = *at == 't' ? 4 : 5;
    if (strncmp(at, size == 4 ? "true" : "false", size) != 0)
        return NULL;
    written(walk, at, size);
    return at + size;
}

static const char *
integer(Walk *walk, const Field *field, const char *at)
{
    Number found;
    const char *end = number(at, &found);
    if (end == NULL || found.point != end || end - found.whole > 18)
        return NULL;
    long long value = 0;
    for (const char *each = found.whole; each < end; each++)
        value = 10 * value + (*each - '0');
    if (*at == '-' && value == 0)
        return NULL;
    value = *at == '-' ? -value : value;
    if (value < field->least || value > field->most)
        return NULL;
    written(walk, at, (size_t)(end - at));
    return end;
}

/* Write a number as the shortest text that means the same double. */
static const char *
decimal(Walk *walk, const char *at)
{
    Number found;
    const char *end = number(at, &found);
    if (end == NULL)
        return NULL;
    const char *last = found.exponent;
    int is_small = *found.whole == '0';
    if (found.exponent == end && end - found.whole <= 15
        && (!is_small || end - found.point <= 1 || found.point[1] != '0')) {
        /* So few digits are the shortest, but for noughts at the end. */
        while (last > found.point + 2 && last[-1] == '0')
            last--;
        written(walk, at, (size_t)(last - at));
        if (found.point == end)
            written(walk, ".0", 2);
        return end;
    }
    char copy[400];
    if ((size_t)(end - at) >= sizeof copy)
        return NULL;
    memcpy(copy, at, (size_t)(end - at));
    copy[end - at] = '\0';
    double value = PyOS_string_to_double(copy, NULL, NULL);
    if (PyErr_Occurred())
        return NULL;
    if (value - value != 0) /* more than a double holds */
        return NULL;
    char *shortest = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (shortest == NULL)
        return NULL;
    written(walk, shortest, strlen(shortest));
    PyMem_Free(shortest);
    return end;
}

/* Skip a value of any kind, as far as brackets and texts show. */
static const char *
skipped(const char *at, const char *end, Buffer *decoded)
{
    Piece ignored;
    int depth = 0;
    do {
        at = blank(at);
        if (*at == '"') {
            if ((at = text(at, end, decoded, &ignored)) == NULL)
                return NULL;
            continue;
        }
        if (*at == '\0')
            return NULL;
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
        if (depth == 0) /* a number or a word */
            while (*at && strchr(" \n\r\t,:]}", *at) == NULL)
                at++;
    } while (depth > 0);
    return at;
}

/* Find what a resource says it is: nearly always that comes first. */
static int
stated(const char *at, const char *end, Buffer *decoded, Piece *kind)
{
    static const Piece wanted = {"resourceType", 12};
    Piece name;
    if (*at != '{')
        return 0;
    do {
        at = text(blank(at + 1), end, decoded, &name);
        if (at == NULL || *(at = blank(at)) != ':')
            return 0;
        at = blank(at + 1);
        if (same(name, wanted)) {
            const char *start = at + 1;
            return text(at, end, decoded, kind) != NULL && kind->at == start;
        }
        if ((at = skipped(at, end, decoded)) == NULL)
            return 0;
        at = blank(at);
    } while (*at == ',');
    return 0;
}

/* Tell whether a resource refers to something contained, for all that bytes show. */
static int
is_meant(const char *at, const char *end, Piece id)
{
    while ((at = memchr(at, '#', (size_t)(end - at))) != NULL) {
        at++;
        /* A quote behind a backslash begins no text, it is in one. */
        if (at[-2] == '"' && at[-3] != '\\' && (size_t)(end - at) > id.size
            && memcmp(at, id.at, id.size) == 0 && at[id.size] == '"')
            return 1;
    }
    return 0;
}

/* Judge a resource in a resource: there is none in it, and something has to refer to it. */
static const char *
contained(Walk *walk, const char *at)
{
    Piece kind;
    Named named = {{NULL, 0}, {NULL, 0}};
    if (walk->inside || !stated(at, walk->end, &walk->decoded, &kind))
        return NULL;
    const Type *type = resource_of(walk, kind);
    if (type == NULL)
        return NULL;
    walk->inside = 1;
    at = object(walk, type, at, &named);
    walk->inside = 0;
    if (at == NULL || !walk->read)
        return at;
    if (named.id.size == 0 || walk->sought == SOUGHT)
        return NULL;
    walk->ids[walk->sought++] = named.id;
    return at;
}

static const char *
one(Walk *walk, const Field *field, const char *at)
{
    switch (field->what) {
    case FORM:
        return formed(walk, field, at);
    case OBJECT:
        return object(walk, type_of(walk->gate, field->of), at, NULL);
    case DECIMAL:
        return decimal(walk, at);
    case BOOLEAN:
        return boolean(walk, at);
    case INTEGER:
        return integer(walk, field, at);
    case CONTAINED:
        return contained(walk, at);
    default:
        return any_text(walk, field, at);
    }
}

static const char *
many(Walk *walk, const Field *field, const char *at)
{
    if (*at != '[')
        return NULL;
    written(walk, "[", 1);
    for (;;) {
        at = one(walk, field, blank(at + 1));
        if (at == NULL)
            return NULL;
        at = blank(at);
        if (*at != ',' && *at != ']')
            return NULL;
        written(walk, at, 1);
        if (*at == ']')
            return at + 1;
    }
}

/* What was found in one object. */
typedef struct {
    int size;
    uint64_t seen[WORDS];
    uint16_t numbers[HELD];
    size_t begins[HELD + 1]; /* in what is written */
    Piece pair[2];
    int ascends;
} Found;

static int
is_complete(Walk *walk, const Type *type, const Found *found)
{
    for (int n = 0; n < WORDS; n++)
        if (type->needed[n] & ~found->seen[n])
            return 0;
    for (int n = 0; n < type->chosen; n++) {
        const Choice *choice = &type->choices[n];
        int chosen = 0;
        for (int at = choice->first; at < choice->first + choice->size; at++)
            chosen += (int)(found->seen[at / 64] >> (at % 64) & 1);
        if (chosen < choice->least || chosen > 1)
            return 0;
    }
    /* An element that is empty: R4B is asked. */
    return !walk->read || found->size > 1
        || (found->size == 1 && found->numbers[0] != type->id);
}

/* Judge what no single element shows: a period's order, a coding's code. */
static int
fits(Walk *walk, const Type *type, const Found *found)
{
    Piece first = found->pair[0], then = found->pair[1];
    if (first.at == NULL || then.at == NULL || !(type->is_period || walk->bound >= 0))
        return 1;
    if (memchr(first.at, '\\', first.size) || memchr(then.at, '\\', then.size))
        return 0; /* they say something else than stands there */
    if (type->is_period)
        return !is_reversed(walk, first, then);
    const Bound *bound = bound_of(walk->gate, walk->bound);
    return !same(first, bound->system) || among(&bound->codes, then);
}

/* Bring what was written of an object into its type's own order; of a resource, write
 * what it tells beside it. */
static void
sort(Walk *walk, const Type *type, Found *found)
{
    uint8_t order[HELD];
    _Static_assert(HELD <= UINT8_MAX, "a place is a byte");
    size_t start = found->begins[0], size = walk->out.size - start;
    found->begins[found->size] = walk->out.size;
    for (int n = 0; n < found->size; n++) {
        int at = n;
        for (; at && found->numbers[order[at - 1]] > found->numbers[n]; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)n;
    }
    walk->sorted.size = walk->told.size = 0;
    for (int n = 0; n < found->size; n++) {
        int number = found->numbers[order[n]];
        size_t from = found->begins[order[n]], to = found->begins[order[n] + 1];
        put(&walk->sorted, walk->out.bytes + from, to - from);
        if (type->is_resource && !(type->apart[number / 64] >> (number % 64) & 1))
            put(&walk->told, walk->out.bytes + from, to - from);
    }
    if (!walk->sorted.failed && !walk->out.failed)
        memcpy(walk->out.bytes + start, walk->sorted.bytes, size);
}

/* Make an object of members that each begin with a comma. */
static void
close_members(Buffer *members, size_t start)
{
    put(members, "}", 1);
    if (!members->failed)
        members->bytes[start] = '{';
}

static const char *
element(Walk *walk, const Type *type, const char *at, Found *found, Named *named)
{
    if (*at++ != '"')
        return NULL;
    Piece name = {at, 0};
    while (Py_ISALNUM(*at) || *at == '_')
        at++;
    name.size = (size_t)(at - name.at);
    int number = field_named(type, name);
    if (number < 0 || *at != '"' || *(at = blank(at + 1)) != ':')
        return NULL;
    uint64_t bit = 1ULL << (number % 64);
    if (found->seen[number / 64] & bit || found->size == HELD)
        return NULL; /* twice */
    found->seen[number / 64] |= bit;
    found->ascends &= found->size == 0 || found->numbers[found->size - 1] < number;
    found->numbers[found->size] = (uint16_t)number;
    found->begins[found->size++] = walk->out.size;

    const Field *field = &type->fields[number];
    const char *start = at = blank(at + 1);
    int outer = walk->bound;
    written(walk, field->prefix, field->size);
    if (field->bound >= 0)
        walk->bound = field->bound;
    at = (field->repeats ? many : one)(walk, field, at);
    walk->bound = outer;
    if (at == NULL)
        return NULL;
    Piece value = {start, (size_t)(at - start)};
    for (int n = 0; n < 2; n++)
        if (number == type->pair[n])
            found->pair[n] = (Piece){value.at + 1, value.size - 2};
    if (named != NULL && number == type->id)
        named->id = (Piece){value.at + 1, value.size - 2};
    if (named != NULL && number == type->identifier)
        named->identifier = value;
    return at;
}

static const char *
object(Walk *walk, const Type *type, const char *at, Named *named)
{
    Found found;
    if (*at != '{')
        return NULL;
    found.size = 0;
    found.ascends = 1;
    memset(found.seen, 0, sizeof found.seen);
    memset(found.pair, 0, sizeof found.pair);
    size_t start = walk->out.size;
    at = blank(at + 1);
    if (*at != '}') {
        while ((at = element(walk, type, at, &found, named)) != NULL) {
            at = blank(at);
            if (*at != ',')
                break;
            at = blank(at + 1);
        }
        if (at == NULL || *at != '}')
            return NULL;
    }
    if (!is_complete(walk, type, &found) || !fits(walk, type, &found))
        return NULL;
    if (walk->read) {
        if (!found.ascends || type->is_resource)
            sort(walk, type, &found);
        close_members(&walk->out, start);
        if (type->is_resource)
            close_members(&walk->told, 0);
    }
    return at + 1;
}

#endif
