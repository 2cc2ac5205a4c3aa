/* The gate's Python side: its tables are told once, then resources are looked at.
 * What its functions take and give: scan.pyi. */

#define PY_SSIZE_T_CLEAN
#include "walk.h"

typedef struct {
    Piece name;
    int read;    /* whether rows are made of it */
    int type[2]; /* by whether all rules are asked; -1 until then */
} Resource;

struct Gate {
    PyObject_HEAD
    PyObject *define, *reversed;
    PyObject *kept; /* what the tables point into */
    Resource *resources;
    Form *forms;
    Words *words;
    Bound *bounds;
    Type **types; /* each stays where it is */
    int size_of_resources, size_of_forms, size_of_words, size_of_bounds, size_of_types;
};

#define LEVELS 200 /* brackets in brackets of what is passed over */

static const Form *form_of(Gate *gate, int number) { return &gate->forms[number]; }
static const Words *words_of(Gate *gate, int number) { return &gate->words[number]; }
static const Bound *bound_of(Gate *gate, int number) { return &gate->bounds[number]; }
static const Type *type_of(Gate *gate, int number) { return gate->types[number]; }

/* Make room for one more at the end of an array.
 *
 * array: where it is pointed to; that is copied, as it is no `void *` to the compiler. */
static void *
longer(void *array, int size, size_t each)
{
    void *found;
    memcpy(&found, array, sizeof found);
    found = PyMem_Realloc(found, ((size_t)size + 1) * each);
    if (found == NULL)
        return PyErr_NoMemory();
    memcpy(array, &found, sizeof found);
    return (char *)found + (size_t)size * each;
}

static int
is_reversed(Walk *walk, Piece start, Piece end)
{
    const size_t seconds = 19; /* 2019-01-01T10:00:00 */
    if (start.size == end.size
        && (start.size <= seconds
            || memcmp(start.at + seconds, end.at + seconds, start.size - seconds) == 0))
        return memcmp(start.at, end.at, start.size) > 0;
    PyObject *told = PyObject_CallFunction(
        walk->gate->reversed, "s#s#", start.at, (Py_ssize_t)start.size, end.at,
        (Py_ssize_t)end.size);
    int found = told == NULL ? -1 : PyObject_IsTrue(told);
    Py_XDECREF(told);
    return found != 0; /* also where that raised */
}

static Resource *
resource_named(Gate *gate, Piece kind)
{
    for (int n = 0; n < gate->size_of_resources; n++)
        if (same(gate->resources[n].name, kind))
            return &gate->resources[n];
    return NULL;
}

static const Type *
resource_of(Walk *walk, Piece kind)
{
    Gate *gate = walk->gate;
    Resource *found = resource_named(gate, kind);
    if (found == NULL)
        return NULL;
    int *type = &found->type[walk->read];
    if (*type < 0) {
        PyObject *told = PyObject_CallFunction(
            gate->define, "s#O", kind.at, (Py_ssize_t)kind.size,
            walk->read ? Py_True : Py_False);
        long number = told == NULL ? -1 : PyLong_AsLong(told);
        Py_XDECREF(told);
        if (number < 0 || number >= gate->size_of_types) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "no such type");
            return NULL;
        }
        *type = (int)number;
    }
    return gate->types[*type];
}

/* Judge the resource that begins here. Return None, or what is told of it and in `end`
 * where it ends; NULL where Python raised. */
static PyObject *
judged(Walk *walk, const char *at, int read, const char **end)
{
    Piece kind;
    Named named = {{NULL, 0}, {NULL, 0}};
    Resource *resource = NULL;
    const char *start = at;
    walk->out.size = walk->told.size = 0;
    walk->sought = 0;
    if (stated(at, walk->end, &walk->decoded, &kind))
        resource = resource_named(walk->gate, kind);
    if (resource == NULL)
        Py_RETURN_NONE;
    walk->read = read < 0 ? resource->read : read;
    const Type *type = resource_of(walk, kind);
    at = type == NULL ? NULL : object(walk, type, at, &named);
    if (walk->out.failed || walk->sorted.failed || walk->decoded.failed || walk->told.failed)
        return PyErr_NoMemory();
    if (PyErr_Occurred())
        return NULL;
    for (int n = 0; at != NULL && n < walk->sought; n++)
        if (!is_meant(start, at, walk->ids[n]))
            at = NULL;
    if (at == NULL || (named.id.at && memchr(named.id.at, '\\', named.id.size)))
        Py_RETURN_NONE;
    *end = at;
    return Py_BuildValue(
        "s#y#y#z#y#", kind.at, (Py_ssize_t)kind.size,
        walk->out.size ? walk->out.bytes : "", (Py_ssize_t)walk->out.size,
        walk->told.size ? walk->told.bytes : "", (Py_ssize_t)walk->told.size, named.id.at,
        (Py_ssize_t)named.id.size, named.identifier.at ? named.identifier.at : "",
        (Py_ssize_t)named.identifier.size);
}

static void
finish(Walk *walk)
{
    PyMem_Free(walk->out.bytes);
    PyMem_Free(walk->sorted.bytes);
    PyMem_Free(walk->decoded.bytes);
    PyMem_Free(walk->told.bytes);
}

static PyObject *
look(Gate *gate, PyObject *args)
{
    PyObject *bytes;
    const char *end = NULL;
    int read = -1;
    /* Nothing but bytes: of other buffers nobody says that a NUL stands at their end. */
    if (!PyArg_ParseTuple(args, "S|p", &bytes, &read))
        return NULL;
    const char *raw = PyBytes_AS_STRING(bytes);
    Walk walk = {.gate = gate, .end = raw + PyBytes_GET_SIZE(bytes), .bound = -1};
    PyObject *told = judged(&walk, blank(raw), read, &end);
    finish(&walk);
    if (end != NULL && blank(end) != walk.end) {
        Py_XDECREF(told);
        Py_RETURN_NONE;
    }
    return told;
}

/* Read one entry of a bundle: it holds a resource, and its name may stand there.
 * Return NULL where it is another. */
static const char *
entry(Walk *walk, const char *at, PyObject *found)
{
    static const Piece url = {"fullUrl", 7}, resource = {"resource", 8};
    PyObject *name = NULL, *raw = NULL, *told = NULL;
    Piece key, value;
    if (*at != '{')
        return NULL;
    do {
        at = text(blank(at + 1), walk->end, &walk->decoded, &key);
        if (at == NULL || *(at = blank(at)) != ':') {
            at = NULL; /* a key without a value may stand where an object could end */
            break;
        }
        at = blank(at + 1);
        const char *start = at, *end = NULL;
        if (same(key, url) && name == NULL) {
            if ((at = text(at, walk->end, &walk->decoded, &value)) != NULL)
                name = PyUnicode_DecodeUTF8(value.at, (Py_ssize_t)value.size, NULL);
            at = name == NULL ? NULL : at;
        }
        else if (same(key, resource) && raw == NULL) {
            told = judged(walk, at, -1, &end);
            if (told == NULL)
                break;
            at = end != NULL ? end : anything(at, walk->end, &walk->decoded, LEVELS);
            if (at != NULL)
                raw = PyBytes_FromStringAndSize(start, at - start);
            at = raw == NULL ? NULL : at;
        }
        else if (same(key, url) || same(key, resource))
            at = NULL; /* twice */
        else
            at = anything(at, walk->end, &walk->decoded, LEVELS);
        at = at == NULL ? NULL : blank(at);
    } while (at != NULL && *at == ',');
    if (at == NULL || *at != '}' || raw == NULL || PyErr_Occurred())
        at = NULL;
    else {
        PyObject *each = PyTuple_Pack(3, name ? name : Py_None, raw, told);
        if (each == NULL || PyList_Append(found, each) < 0)
            at = NULL;
        Py_XDECREF(each);
    }
    Py_XDECREF(name);
    Py_XDECREF(raw);
    Py_XDECREF(told);
    return at == NULL ? NULL : at + 1;
}

static const char *
entries(Walk *walk, const char *at, PyObject *found)
{
    if (*at != '[')
        return NULL;
    do {
        if ((at = entry(walk, blank(at + 1), found)) == NULL)
            return NULL;
        at = blank(at);
    } while (*at == ',');
    return *at == ']' ? at + 1 : NULL;
}

static const char *
bundle_in(Walk *walk, const char *at, PyObject *found)
{
    static const Piece wanted = {"entry", 5}, type = {"resourceType", 12};
    int has_entries = 0, is_bundle = 0;
    Piece key, value;
    if (*(at = blank(at)) != '{')
        return NULL;
    do {
        at = text(blank(at + 1), walk->end, &walk->decoded, &key);
        if (at == NULL || *(at = blank(at)) != ':')
            return NULL;
        at = blank(at + 1);
        if (same(key, wanted)) {
            if (has_entries++)
                return NULL;
            at = entries(walk, at, found);
        }
        else if (same(key, type)) {
            if (is_bundle++)
                return NULL;
            at = text(at, walk->end, &walk->decoded, &value);
            if (at == NULL || !same(value, (Piece){"Bundle", 6}))
                return NULL;
        }
        else
            at = anything(at, walk->end, &walk->decoded, LEVELS);
        if (at == NULL)
            return NULL;
        at = blank(at);
    } while (*at == ',');
    return is_bundle && has_entries && *at == '}' ? at + 1 : NULL;
}

static PyObject *
bundle(Gate *gate, PyObject *args)
{
    Py_buffer text;
    if (!PyArg_ParseTuple(args, "y*", &text))
        return NULL;
    PyObject *found = PyList_New(0);
    if (!PyBytes_Check(text.obj) && !PyByteArray_Check(text.obj))
        PyErr_SetString(PyExc_TypeError, "no NUL has to stand behind it");
    Walk walk = {.gate = gate, .end = (const char *)text.buf + text.len, .bound = -1};
    const char *at = NULL;
    if (found != NULL && !PyErr_Occurred())
        at = bundle_in(&walk, text.buf, found);
    if (walk.decoded.failed)
        PyErr_NoMemory();
    int is_whole = at != NULL && blank(at) == walk.end;
    finish(&walk);
    PyBuffer_Release(&text);
    if (is_whole && !PyErr_Occurred())
        return found;
    Py_XDECREF(found);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

/* Point to the bytes of an object, and keep it. */
static int
kept(Gate *gate, PyObject *bytes, Piece *found)
{
    char *at;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &at, &size) < 0
        || PyList_Append(gate->kept, bytes) < 0)
        return -1;
    *found = (Piece){at, (size_t)size};
    return 0;
}

/* Tell whether a machine never leaves its rows, and fails at all that is no plain ASCII,
 * so also at a text's end: the one who runs it looks at nothing else. */
static int
is_sound(const Form *form, size_t cells)
{
    size_t width = (size_t)form->width;
    for (size_t n = 0; n < cells; n++)
        if (form->next[n] >= cells || form->next[n] % width)
            return 0;
    for (int byte = 0; byte < 256; byte++) {
        if (form->classes[byte] >= width)
            return 0;
        for (size_t row = 0; row < cells && (byte < 0x20 || byte > 0x7E); row += width)
            if (form->next[row + form->classes[byte]])
                return 0;
    }
    return !form->accepted[0];
}

static PyObject *
add_form(Gate *gate, PyObject *args)
{
    PyObject *classes, *next, *accepted;
    Piece told[3];
    int width;
    if (!PyArg_ParseTuple(args, "SSSi", &classes, &next, &accepted, &width)
        || kept(gate, classes, &told[0]) < 0 || kept(gate, next, &told[1]) < 0
        || kept(gate, accepted, &told[2]) < 0)
        return NULL;
    size_t cells = told[2].size;
    Form form = {(const uint8_t *)told[0].at, (const uint16_t *)told[1].at,
                 (const uint8_t *)told[2].at, width};
    if (width < 1 || told[0].size != 256 || told[1].size != 2 * cells
        || cells % (size_t)width || cells < 2 * (size_t)width || cells > UINT16_MAX
        || !is_sound(&form, cells)) {
        PyErr_SetString(PyExc_ValueError, "no such form");
        return NULL;
    }
    Form *made = longer(&gate->forms, gate->size_of_forms, sizeof *made);
    if (made == NULL)
        return NULL;
    *made = form;
    return PyLong_FromLong(gate->size_of_forms++);
}

static int
words_in(Gate *gate, PyObject *list, Words *found)
{
    found->size = (int)PyTuple_GET_SIZE(list);
    found->words = PyMem_Calloc((size_t)found->size + 1, sizeof *found->words);
    if (found->words == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int n = 0; n < found->size; n++)
        if (kept(gate, PyTuple_GET_ITEM(list, n), &found->words[n]) < 0) {
            PyMem_Free(found->words);
            return -1;
        }
    return 0;
}

static PyObject *
add_words(Gate *gate, PyObject *args)
{
    PyObject *list;
    Words *made;
    if (!PyArg_ParseTuple(args, "O!", &PyTuple_Type, &list)
        || (made = longer(&gate->words, gate->size_of_words, sizeof *made)) == NULL
        || words_in(gate, list, made) < 0)
        return NULL;
    return PyLong_FromLong(gate->size_of_words++);
}

static PyObject *
add_bound(Gate *gate, PyObject *args)
{
    PyObject *system, *list;
    Bound *made;
    if (!PyArg_ParseTuple(args, "SO!", &system, &PyTuple_Type, &list)
        || (made = longer(&gate->bounds, gate->size_of_bounds, sizeof *made)) == NULL
        || kept(gate, system, &made->system) < 0 || words_in(gate, list, &made->codes) < 0)
        return NULL;
    return PyLong_FromLong(gate->size_of_bounds++);
}

static int
field_from(Gate *gate, PyObject *told, Field *field)
{
    PyObject *prefix;
    Piece name;
    _Static_assert(WORD == FORM + 1 && OBJECT == FORM + 2, "as `sizes` has them");
    int sizes[] = {gate->size_of_forms, gate->size_of_words, gate->size_of_types};
    if (!PyArg_ParseTuple(told, "SiipiLL", &prefix, &field->what, &field->of,
                          &field->repeats, &field->bound, &field->least, &field->most)
        || kept(gate, prefix, &name) < 0)
        return -1;
    int is_in = field->what >= TEXT && field->what <= CONTAINED && name.size > 4
        && field->bound < gate->size_of_bounds;
    if (field->what >= FORM && field->what <= OBJECT)
        is_in &= field->of >= 0 && field->of < sizes[field->what - FORM];
    if (!is_in) {
        PyErr_SetString(PyExc_ValueError, "no such field");
        return -1;
    }
    field->prefix = name.at;
    field->size = name.size;
    return 0;
}

static void
find_by_name(Type *type, int number)
{
    const Field *field = &type->fields[number];
    unsigned at = hashed((Piece){field->prefix + 2, field->size - 4});
    while (type->slots[at & type->mask])
        at++;
    type->slots[at & type->mask] = (uint16_t)(number + 1);
}

static int
mark(const Type *type, PyObject *numbers, uint64_t *marked)
{
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(numbers); n++) {
        long number = PyLong_AsLong(PyTuple_GET_ITEM(numbers, n));
        if (number < 0 || number >= type->size) {
            PyErr_SetString(PyExc_ValueError, "no such field is marked");
            return -1;
        }
        marked[number / 64] |= 1ULL << (number % 64);
    }
    return 0;
}

static int
fill(Gate *gate, Type *type, PyObject *fields, PyObject *choices)
{
    type->size = (int)PyTuple_GET_SIZE(fields);
    type->chosen = (int)PyTuple_GET_SIZE(choices);
    if (type->size > MOST) {
        PyErr_SetString(PyExc_ValueError, "too many fields");
        return -1;
    }
    type->fields = PyMem_Calloc((size_t)type->size + 1, sizeof *type->fields);
    type->choices = PyMem_Calloc((size_t)type->chosen + 1, sizeof *type->choices);
    for (type->mask = 7; type->mask < 4 * (unsigned)type->size;)
        type->mask = 2 * type->mask + 1;
    type->slots = PyMem_Calloc((size_t)type->mask + 1, sizeof *type->slots);
    if (type->fields == NULL || type->choices == NULL || type->slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int n = 0; n < type->size; n++) {
        if (field_from(gate, PyTuple_GET_ITEM(fields, n), &type->fields[n]) < 0)
            return -1;
        find_by_name(type, n);
    }
    for (int n = 0; n < type->chosen; n++) {
        Choice *choice = &type->choices[n];
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(choices, n), "iii", &choice->first,
                              &choice->size, &choice->least))
            return -1;
        if (choice->first < 0 || choice->size < 1
            || choice->size > type->size - choice->first) {
            PyErr_SetString(PyExc_ValueError, "no such choice");
            return -1;
        }
    }
    return 0;
}

static void
drop(Type *type)
{
    PyMem_Free(type->fields);
    PyMem_Free(type->choices);
    PyMem_Free(type->slots);
    PyMem_Free(type);
}

static PyObject *
add_type(Gate *gate, PyObject *args)
{
    PyObject *fields, *needed, *apart, *choices;
    Type *type = PyMem_Calloc(1, sizeof *type), **made;
    if (type == NULL)
        return PyErr_NoMemory();
    if (!PyArg_ParseTuple(args, "O!O!O!O!ii(ii)pp", &PyTuple_Type, &fields,
                          &PyTuple_Type, &needed, &PyTuple_Type, &apart, &PyTuple_Type,
                          &choices, &type->id, &type->identifier, &type->pair[0],
                          &type->pair[1], &type->is_period, &type->is_resource)
        || fill(gate, type, fields, choices) < 0 || mark(type, needed, type->needed) < 0
        || mark(type, apart, type->apart) < 0
        || (made = longer(&gate->types, gate->size_of_types, sizeof *made)) == NULL) {
        drop(type);
        return NULL;
    }
    *made = type;
    return PyLong_FromLong(gate->size_of_types++);
}

static PyObject *
gate_new(PyTypeObject *kind, PyObject *args, PyObject *Py_UNUSED(names))
{
    PyObject *define, *reversed, *resources, *name, *read;
    Py_ssize_t at = 0;
    if (!PyArg_ParseTuple(args, "O!OO", &PyDict_Type, &resources, &define, &reversed))
        return NULL;
    Gate *gate = (Gate *)kind->tp_alloc(kind, 0);
    if (gate == NULL)
        return NULL;
    gate->define = Py_NewRef(define);
    gate->reversed = Py_NewRef(reversed);
    gate->kept = PyList_New(0);
    while (gate->kept != NULL && PyDict_Next(resources, &at, &name, &read)) {
        Resource *made = longer(&gate->resources, gate->size_of_resources, sizeof *made);
        if (made == NULL || kept(gate, name, &made->name) < 0) {
            Py_CLEAR(gate->kept);
            break;
        }
        made->read = read == Py_True;
        made->type[0] = made->type[1] = -1;
        gate->size_of_resources++;
    }
    if (gate->kept == NULL) {
        Py_DECREF(gate);
        return NULL;
    }
    return (PyObject *)gate;
}

static void
gate_dealloc(Gate *gate)
{
    PyTypeObject *kind = Py_TYPE(gate);
    for (int n = 0; n < gate->size_of_types; n++)
        drop(gate->types[n]);
    for (int n = 0; n < gate->size_of_words; n++)
        PyMem_Free(gate->words[n].words);
    for (int n = 0; n < gate->size_of_bounds; n++)
        PyMem_Free(gate->bounds[n].codes.words);
    PyMem_Free(gate->types);
    PyMem_Free(gate->words);
    PyMem_Free(gate->bounds);
    PyMem_Free(gate->forms);
    PyMem_Free(gate->resources);
    Py_XDECREF(gate->define);
    Py_XDECREF(gate->reversed);
    Py_XDECREF(gate->kept);
    kind->tp_free(gate);
    Py_DECREF(kind);
}

static PyMethodDef gate_methods[] = {
    {"look", (PyCFunction)look, METH_VARARGS, NULL},
    {"bundle", (PyCFunction)bundle, METH_VARARGS, NULL},
    {"form", (PyCFunction)add_form, METH_VARARGS, NULL},
    {"words", (PyCFunction)add_words, METH_VARARGS, NULL},
    {"bound", (PyCFunction)add_bound, METH_VARARGS, NULL},
    {"type", (PyCFunction)add_type, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot gate_slots[] = {
    {Py_tp_new, gate_new},
    {Py_tp_dealloc, gate_dealloc},
    {Py_tp_methods, gate_methods},
    {0, NULL},
};

static PyType_Spec gate_spec = {
    .name = "chronicle.ingest.gate.scan.Gate",
    .basicsize = sizeof(Gate),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = gate_slots,
};

static int
scan_exec(PyObject *module)
{
    PyObject *kind = PyType_FromSpec(&gate_spec);
    int failed = kind == NULL ? -1 : PyModule_AddObjectRef(module, "Gate", kind);
    Py_XDECREF(kind);
    return failed;
}

static PyModuleDef_Slot scan_slots[] = {{Py_mod_exec, scan_exec}, {0, NULL}};

static struct PyModuleDef scan_module = {
    PyModuleDef_HEAD_INIT, .m_name = "scan", .m_slots = scan_slots,
};

PyMODINIT_FUNC
PyInit_scan(void)
{
    return PyModuleDef_Init(&scan_module);
}
