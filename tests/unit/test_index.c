/*
 * index: every element is found at its position, whatever the hashes have in
 * common, and what is looked for and entered in one search is entered once.
 */
#include "unit.h"

#include "base/index.h"

#define ELEMENTS 3000

/* The owner: numbers, of which the hash may be anything. */
struct numbers {
    uint32_t item[ELEMENTS];
    uint64_t (*hash_of)(uint32_t number);
    struct index index;
};

static uint64_t spread(uint32_t number)
{
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* The low bits, which choose the slot, are alike for many. */
static uint64_t low_bits_alike(uint32_t number)
{
    return (spread(number) & ~UINT64_C(0xffff)) | number % 3;
}

/* The high ones, which a slot holds, are: elements must be compared. */
static uint64_t high_bits_alike(uint32_t number)
{
    return spread(number) >> 40;
}

static uint64_t all_alike(uint32_t number)
{
    (void)number;
    return 0;
}

static bool number_equal(const void *owner, uint32_t position, const void *key)
{
    const struct numbers *numbers = owner;

    assert_true(position < ELEMENTS);
    return numbers->item[position] == *(const uint32_t *)key;
}

static uint64_t number_hash(const void *owner, uint32_t position)
{
    const struct numbers *numbers = owner;

    return numbers->hash_of(numbers->item[position]);
}

static void begin(struct numbers *numbers, uint64_t (*hash_of)(uint32_t))
{
    *numbers = (struct numbers){
        .hash_of = hash_of,
        .index = {.equal = number_equal, .hash = number_hash},
    };
    for (uint32_t i = 0; i < ELEMENTS; i++)
        numbers->item[i] = 7 * i;
}

static uint32_t find(const struct numbers *numbers, uint32_t number)
{
    return index_find(&numbers->index, numbers, numbers->hash_of(number),
                      &number);
}

static uint32_t find_or_add(struct numbers *numbers, uint32_t position)
{
    uint32_t number = numbers->item[position], found = 12345;

    assert_int_equal(index_find_or_add(&numbers->index, numbers,
                                       numbers->hash_of(number), &number,
                                       position, &found),
                     0);
    return found;
}

/* Every other element is entered by each of the two ways. */
static void every_element_is_found_at_its_position(void **state)
{
    static uint64_t (*const hashes[])(uint32_t) = {spread, low_bits_alike,
                                                   high_bits_alike, all_alike};
    struct numbers numbers;
    (void)state;

    for (size_t h = 0; h < COUNT(hashes); h++) {
        uint32_t count = hashes[h] == spread ? ELEMENTS : 300;

        begin(&numbers, hashes[h]);
        assert_int_equal(find(&numbers, 0), INDEX_NONE);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t number = numbers.item[i];

            assert_int_equal(find(&numbers, number), INDEX_NONE);
            if (i % 2)
                assert_int_equal(find_or_add(&numbers, i), INDEX_NONE);
            else
                assert_int_equal(
                    index_add(&numbers.index, &numbers, hashes[h](number), i),
                    0);
        }
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(find(&numbers, numbers.item[i]), i);
            assert_int_equal(find(&numbers, numbers.item[i] + 1), INDEX_NONE);
        }
        index_release(&numbers.index);
    }
}

static void what_is_there_is_not_entered_again(void **state)
{
    struct numbers numbers;
    (void)state;

    begin(&numbers, spread);
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        assert_int_equal(find_or_add(&numbers, i), INDEX_NONE);
        for (uint32_t before = 0; before <= i; before += 1 + i / 5) {
            uint32_t number = numbers.item[before], found;

            assert_int_equal(index_find_or_add(&numbers.index, &numbers,
                                               spread(number), &number, i + 1,
                                               &found),
                             0);
            assert_int_equal(found, before);
        }
        assert_int_equal(numbers.index.used, i + 1);
    }
    index_release(&numbers.index);
}

/* A guess is the element if that is there. */
static void a_guess_names_what_is_there(void **state)
{
    struct numbers numbers;
    (void)state;

    begin(&numbers, spread);
    assert_int_equal(index_guess(&numbers.index, spread(1)), INDEX_NONE);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        (void)find_or_add(&numbers, i);
    for (uint32_t i = 0; i < ELEMENTS; i++)
        assert_int_not_equal(
            index_guess(&numbers.index, spread(numbers.item[i])), INDEX_NONE);
    index_release(&numbers.index);

    begin(&numbers, spread);
    (void)find_or_add(&numbers, 0);
    assert_int_equal(index_guess(&numbers.index, spread(0)), 0);
    index_release(&numbers.index);
}

static void a_cleared_index_is_empty(void **state)
{
    struct numbers numbers;
    (void)state;

    begin(&numbers, spread);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < ELEMENTS; i++)
            assert_int_equal(find_or_add(&numbers, i), INDEX_NONE);
        index_clear(&numbers.index);
        assert_int_equal(find(&numbers, numbers.item[0]), INDEX_NONE);
    }
    index_release(&numbers.index);
    index_release(&numbers.index);
    index_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_found_at_its_position),
        cmocka_unit_test(what_is_there_is_not_entered_again),
        cmocka_unit_test(a_guess_names_what_is_there),
        cmocka_unit_test(a_cleared_index_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
